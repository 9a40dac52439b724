namespace MailOperator.Backends;

/// <summary>
/// How much a mail system may answer to one question, over all pages of it. A page has its own bound, but a server may
/// send pages without end.
/// </summary>
/// <param name="bytes">The bound, in bytes.</param>
internal sealed class AnswerBudget(long bytes)
{
    private const long Least = 16L << 20;
    private const long Most = 1L << 30;

    // What an answer becomes in memory is some times its size.
    private const int Share = 8;

    private long _left = bytes;

    /// <summary>
    /// The bound for a list of everything: an eighth of the memory that this process may have (of the pod's limit), at
    /// least 16 MiB. Whoever has more devices gives it more memory.
    /// </summary>
    public static long OfMemory => Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Share, Least, Most);

    /// <summary>Counts an answer; false if there were too many bytes.</summary>
    /// <param name="length">Its length in bytes.</param>
    public bool Take(long length) => (_left -= length) >= 0;
}
