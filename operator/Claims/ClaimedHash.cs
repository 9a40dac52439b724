namespace MailOperator.Claims;

/// <summary>What the operator keeps of a password that a person holds.</summary>
/// <param name="Claim">The id of the claim.</param>
/// <param name="Selector">The id of the slot.</param>
/// <param name="IsChosen">Whether the person typed it.</param>
/// <param name="Hash">The bcrypt hash.</param>
internal sealed record ClaimedHash(string Claim, string Selector, bool IsChosen, string Hash);
