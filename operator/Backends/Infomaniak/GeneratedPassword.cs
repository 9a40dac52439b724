using MailOperator.Passwords;

namespace MailOperator.Backends.Infomaniak;

/// <summary>The one answer with a password in it. No record, which would print it.</summary>
internal sealed class GeneratedPassword
{
    public required AppPassword Password { get; init; }
}
