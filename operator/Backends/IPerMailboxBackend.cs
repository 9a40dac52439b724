namespace MailOperator.Backends;

/// <summary>A mail system that can list and change one mailbox at a time only.</summary>
internal interface IPerMailboxBackend : IMailBackend
{
    /// <summary>The store of one mailbox, given in lower case. Shares connections and limits with the whole.</summary>
    IMailBackend For(string mailbox);
}
