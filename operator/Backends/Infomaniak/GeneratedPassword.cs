using MailOperator.Passwords;

namespace MailOperator.Backends.Infomaniak;

/// <summary>The only answer that holds a password. Not a record, which would print it.</summary>
internal sealed class GeneratedPassword
{
    public required AppPassword Password { get; init; }
}
