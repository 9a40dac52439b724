namespace MailOperator.MailDevices.Secrets;

/// <summary>
/// The origin of the password in a Secret, one of a closed set. <see cref="Match"/> has a parameter for each, so that a
/// new origin compiles only when every caller handles it.
/// </summary>
internal abstract record PasswordOrigin
{
    private PasswordOrigin()
    {
    }

    /// <summary>Whether a person chose it. It may then be valid for the mailbox in another way too.</summary>
    public bool IsChosen => Match(
        generated: static _ => false, chosen: static _ => true, claimed: static one => one.IsTyped,
        madeByBackend: static _ => false);

    /// <summary>Calls the function of its origin.</summary>
    public abstract T Match<T>(
        Func<Generated, T> generated,
        Func<Chosen, T> chosen,
        Func<Claimed, T> claimed,
        Func<MadeByBackend, T> madeByBackend);

    /// <summary>The operator generated it.</summary>
    public sealed record Generated : PasswordOrigin
    {
        public override T Match<T>(
            Func<Generated, T> generated,
            Func<Chosen, T> chosen,
            Func<Claimed, T> claimed,
            Func<MadeByBackend, T> madeByBackend) =>
            generated(this);
    }

    /// <summary>A user chose it and keeps it in a Secret.</summary>
    /// <param name="Digest">The result of <see cref="Integrity.CredentialDigest.OfChosen"/>.</param>
    public sealed record Chosen(string Digest) : PasswordOrigin
    {
        public override T Match<T>(
            Func<Generated, T> generated,
            Func<Chosen, T> chosen,
            Func<Claimed, T> claimed,
            Func<MadeByBackend, T> madeByBackend) =>
            chosen(this);
    }

    /// <summary>A person claimed it with an invitation, so the Secret holds only its hash.</summary>
    /// <param name="Claim">Id of the claim.</param>
    /// <param name="IsTyped">Whether the person typed it on the page.</param>
    public sealed record Claimed(string Claim, bool IsTyped) : PasswordOrigin
    {
        public override T Match<T>(
            Func<Generated, T> generated,
            Func<Chosen, T> chosen,
            Func<Claimed, T> claimed,
            Func<MadeByBackend, T> madeByBackend) =>
            claimed(this);
    }

    /// <summary>The mail system made it.</summary>
    /// <param name="Scope">What it may be used for. Another scope requires another password.</param>
    public sealed record MadeByBackend(string Scope) : PasswordOrigin
    {
        public override T Match<T>(
            Func<Generated, T> generated,
            Func<Chosen, T> chosen,
            Func<Claimed, T> claimed,
            Func<MadeByBackend, T> madeByBackend) =>
            madeByBackend(this);
    }
}
