namespace MailOperator.Integrity;

/// <summary>The digest under this operator's key, which is known only once it leads.</summary>
internal sealed class CredentialDigestSource
{
    private CredentialDigest? _current;

    public CredentialDigest Current
    {
        get => _current ?? throw new InvalidOperationException("The digest key has not been read yet.");
        set => _current = value;
    }
}
