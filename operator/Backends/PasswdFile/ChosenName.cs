namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// Names by which Dovecot looks up chosen passwords, <c>chosen-1</c> to <c>chosen-4</c>, one after the other. A typed
/// password cannot match one of them: Dovecot looks up its first six characters at most.
/// </summary>
internal static class ChosenName
{
    /// <summary>In the order in which Dovecot tries them.</summary>
    public static readonly IReadOnlyList<string> All =
        [.. Enumerable.Range(1, ChosenPasswords.MaxPerMailbox).Select(static number => $"chosen-{number}")];

    /// <summary>The slot's present name if no other line has it too; otherwise the first free one.</summary>
    /// <param name="present">The slot's names in the file.</param>
    /// <param name="isFree">Whether the slot may have lines of this name.</param>
    /// <returns>The name; null if all are taken.</returns>
    public static string? Allot(IEnumerable<string> present, Func<string, bool> isFree) =>
        present.Where(All.Contains).Concat(All).FirstOrDefault(isFree);
}
