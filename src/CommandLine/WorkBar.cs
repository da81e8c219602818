using Spectre.Console;

namespace Keywright.CommandLine;

/// <summary>A progress bar on long work, for people who watch; for anybody else there is none.</summary>
public static class WorkBar
{
    /// <summary>Runs the work, which says when one piece of it is done.</summary>
    public static T Run<T>(Session session, string what, int count, Func<Action, T> work)
    {
        if (!Terminal.IsWatched(session.Error))
        {
            return work(() => { });
        }

        return Terminal.Over(session.Error).Progress().AutoClear(true).Start(progress =>
        {
            var bar = progress.AddTask(Markup.Escape(what), maxValue: count);
            return work(() => bar.Increment(1));
        });
    }
}
