using Keywright.Storage.Sqlite.Backup;

namespace Keywright.Storage.Sqlite;

/// <summary>
/// The tables, story by story. Each story lists its steps; a file remembers how many of them it has taken. A step that
/// was released is never changed: what comes later is another step.
/// </summary>
internal static class SiteSchema
{
    private static readonly (string Story, string[] Steps)[] Stories =
    [
        ("programming", ProgrammingSchema.Steps),
        ("delivery", DeliverySchema.Steps),
        ("certificates", CertificateSchema.Steps),
    ];

    /// <summary>Takes the steps that this file lacks, in one transaction.</summary>
    public static void Migrate(SiteDatabase database) => database.Write(session =>
    {
        session.Execute("CREATE TABLE IF NOT EXISTS schema_version (story TEXT PRIMARY KEY, steps INTEGER NOT NULL)");
        foreach (var (story, steps) in Stories)
        {
            var taken = session.Number("SELECT steps FROM schema_version WHERE story = $1", story) ?? 0;
            if (taken > steps.Length)
            {
                throw new InvalidDataException(
                    $"the database knows {taken} steps of {story}, this program {steps.Length}: use a newer one");
            }

            foreach (var step in steps.AsSpan((int)taken))
            {
                session.Execute(step);
            }

            session.Execute(
                "INSERT INTO schema_version VALUES ($1, $2) ON CONFLICT (story) DO UPDATE SET steps = excluded.steps",
                story,
                steps.Length);
        }
    });
}
