namespace MailOperator.MailBackends;

/// <summary>What ends retained passwords.</summary>
/// <param name="Maximum">How long after they were issued they end; null means no limit.</param>
/// <param name="IsWithdrawn">Whether they end because no grant allows them any more.</param>
/// <param name="Asked">
/// The annotation of the MailBackend: their ids, separated by commas, or <c>all</c>; null if nobody asks.
/// </param>
internal sealed record RetainedRules(TimeSpan? Maximum, Predicate<UnownedSlot> IsWithdrawn, string? Asked)
{
    /// <summary>The value of the annotation that ends every retained password.</summary>
    public const string All = "all";

    /// <summary>Whether a person asks to end this one.</summary>
    public bool IsAsked(UnownedSlot retained) => (Asked ?? "")
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Any(id => id == All || id == retained.Slot.Selector);
}
