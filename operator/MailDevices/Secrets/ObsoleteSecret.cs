namespace MailOperator.MailDevices.Secrets;

/// <summary>A Secret to delete, by UID.</summary>
internal sealed record ObsoleteSecret(string Name, string Uid);
