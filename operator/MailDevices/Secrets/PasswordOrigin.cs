namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// Where the password of a Secret came from: a closed set. <see cref="Match"/> has an argument for each, so that another
/// one does not compile until every place has an answer.
/// </summary>
internal abstract record PasswordOrigin
{
    private PasswordOrigin()
    {
    }

    /// <summary>A person knows it from elsewhere, so it may rightly open the mailbox by another way.</summary>
    public bool IsChosen => Match(
        generated: static _ => false, chosen: static _ => true, claimed: static one => one.IsTyped, madeByBackend: static _ => false);

    /// <summary>One result for each origin.</summary>
    public abstract T Match<T>(
        Func<Generated, T> generated, Func<Chosen, T> chosen, Func<Claimed, T> claimed, Func<MadeByBackend, T> madeByBackend);

    /// <summary>The operator generated it.</summary>
    public sealed record Generated : PasswordOrigin
    {
        public override T Match<T>(
            Func<Generated, T> generated, Func<Chosen, T> chosen, Func<Claimed, T> claimed, Func<MadeByBackend, T> madeByBackend) =>
            generated(this);
    }

    /// <summary>Somebody chose it and keeps it in a Secret.</summary>
    /// <param name="Digest">What <see cref="Integrity.CredentialDigest.OfChosen"/> gives for it.</param>
    public sealed record Chosen(string Digest) : PasswordOrigin
    {
        public override T Match<T>(
            Func<Generated, T> generated, Func<Chosen, T> chosen, Func<Claimed, T> claimed, Func<MadeByBackend, T> madeByBackend) =>
            chosen(this);
    }

    /// <summary>A person claimed it through an invitation, so the Secret holds only its hash.</summary>
    /// <param name="Claim">The claim's id.</param>
    /// <param name="IsTyped">The person typed it on the page.</param>
    public sealed record Claimed(string Claim, bool IsTyped) : PasswordOrigin
    {
        public override T Match<T>(
            Func<Generated, T> generated, Func<Chosen, T> chosen, Func<Claimed, T> claimed, Func<MadeByBackend, T> madeByBackend) =>
            claimed(this);
    }

    /// <summary>The mail system made it.</summary>
    /// <param name="Scope">What for: another scope is another password.</param>
    public sealed record MadeByBackend(string Scope) : PasswordOrigin
    {
        public override T Match<T>(
            Func<Generated, T> generated, Func<Chosen, T> chosen, Func<Claimed, T> claimed, Func<MadeByBackend, T> madeByBackend) =>
            madeByBackend(this);
    }
}
