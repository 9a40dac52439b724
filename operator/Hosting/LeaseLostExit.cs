namespace MailOperator.Hosting;

/// <summary>Ends the process at once, with a word that does not depend on a logger's queue.</summary>
internal static class LeaseLostExit
{
    /// <summary>The exit code of an operator that lost its lease: Kubernetes starts it again, as a follower.</summary>
    public const int LeaseLost = 3;

    public static void Now()
    {
        Console.Error.WriteLine("The lease is lost: another operator may be at work, so this one ends now.");
        Environment.Exit(LeaseLost);
    }
}
