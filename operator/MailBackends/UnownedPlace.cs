namespace MailOperator.MailBackends;

/// <summary>A place in the quotas that is taken although its device is gone: a password of it is left.</summary>
/// <param name="DeviceUid">The UID that the device had.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Mailbox">Its mailbox, in lower case.</param>
internal sealed record UnownedPlace(string DeviceUid, string Namespace, string Mailbox);
