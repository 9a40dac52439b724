namespace MailOperator.Claims;

/// <summary>All that is kept of a password that a person holds.</summary>
/// <param name="Claim">The claim's id.</param>
/// <param name="Selector">The slot's id.</param>
/// <param name="IsChosen">The person typed it.</param>
/// <param name="Hash">bcrypt.</param>
internal sealed record ClaimedHash(string Claim, string Selector, bool IsChosen, string Hash);
