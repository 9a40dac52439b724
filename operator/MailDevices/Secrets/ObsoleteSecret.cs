namespace MailOperator.MailDevices.Secrets;

/// <summary>A Secret to be removed, by UID.</summary>
internal sealed record ObsoleteSecret(string Name, string Uid);
