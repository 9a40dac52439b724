using MailOperator.Integrity;

namespace MailOperator.MailDevices.Secrets;

/// <summary>An earlier password, kept until the mail server has refused a login with it.</summary>
/// <param name="Selector">Selector of its slot.</param>
/// <param name="EndsAt">When it ends or has ended; whole seconds, UTC.</param>
/// <param name="Box">The ciphertext from <see cref="PasswordSeal"/>.</param>
internal sealed record SealedPassword(string Selector, DateTimeOffset EndsAt, string Box);
