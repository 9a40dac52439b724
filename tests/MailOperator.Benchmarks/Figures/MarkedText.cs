namespace MailOperator.Benchmarks.Figures;

/// <summary>A page of which the text between two comments is generated.</summary>
internal static class MarkedText
{
    public const string Begin = "<!-- bench:begin -->";
    public const string End = "<!-- bench:end -->";

    /// <exception cref="InvalidOperationException">The page lacks the two comments, in this order.</exception>
    public static string Replace(string page, string generated)
    {
        int begin = page.IndexOf(Begin, StringComparison.Ordinal);
        int end = page.IndexOf(End, StringComparison.Ordinal);
        return begin >= 0 && end > begin
            ? $"{page[..(begin + Begin.Length)]}\n{generated.TrimEnd()}\n{page[end..]}"
            : throw new InvalidOperationException($"The page needs a line {Begin} and, after it, a line {End}.");
    }
}
