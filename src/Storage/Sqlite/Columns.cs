using Keywright.Protocol;
using Keywright.Site;
using Microsoft.Data.Sqlite;

namespace Keywright.Storage.Sqlite;

/// <summary>How the model's values stand in columns.</summary>
internal static class Columns
{
    public static long Millis(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static byte[] Bytes(this SqliteDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static byte[]? BytesOrNull(this SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.Bytes(column);

    public static string? TextOrNull(this SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    public static DateTimeOffset Time(this SqliteDataReader row, int column) =>
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    public static DateTimeOffset? TimeOrNull(this SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.Time(column);

    public static Digest Digest(this SqliteDataReader row, int column) => new(row.Bytes(column));

    public static RecordId Record(this SqliteDataReader row, int column) => new(row.Bytes(column));

    public static ChipId Chip(this SqliteDataReader row, int column) => ChipId.Parse(row.Bytes(column)).OrThrow();

    public static DeviceId Device(this SqliteDataReader row, int column) =>
        DeviceId.Parse(row.GetString(column)).OrThrow();
}
