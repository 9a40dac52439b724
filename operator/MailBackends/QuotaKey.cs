namespace MailOperator.MailBackends;

/// <summary>What a quota counts at one backend: the devices of a mailbox, or those of a namespace.</summary>
internal readonly record struct QuotaKey(string Backend, bool IsMailbox, string Name);
