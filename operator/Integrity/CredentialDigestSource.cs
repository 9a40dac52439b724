namespace MailOperator.Integrity;

/// <summary>The digest with this operator's key, which is loaded when it becomes the leader.</summary>
internal sealed class CredentialDigestSource
{
    private CredentialDigest? _current;

    public CredentialDigest Current
    {
        get => _current ?? throw new InvalidOperationException("The digest key has not been read yet.");
        set => _current = value;
    }
}
