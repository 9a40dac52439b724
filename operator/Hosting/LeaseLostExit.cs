namespace MailOperator.Hosting;

/// <summary>Ends the process at once. Writes to stderr itself, because a logger may not flush in time.</summary>
internal static class LeaseLostExit
{
    /// <summary>Exit code of an operator that lost its lease; Kubernetes restarts it as a follower.</summary>
    public const int ExitCode = 3;

    public static void ExitNow()
    {
        Console.Error.WriteLine("Lost the lease: another operator may be the leader, so this process exits now.");
        Environment.Exit(ExitCode);
    }
}
