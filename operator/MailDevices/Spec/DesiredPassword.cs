using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailDevices.Spec;

/// <summary>
/// Where the password of a device is to come from: a closed set. <see cref="Match"/> has an argument for each, so that
/// another one does not compile until every place has an answer.
/// </summary>
internal abstract record DesiredPassword
{
    private DesiredPassword()
    {
    }

    /// <summary>One result for each origin.</summary>
    public abstract T Match<T>(
        Func<Generated, T> generated, Func<Chosen, T> chosen, Func<Claimed, T> claimed, Func<MadeByBackend, T> madeByBackend);

    /// <summary>The operator generates it.</summary>
    /// <param name="Length">Characters.</param>
    /// <param name="Alphabet">Which characters.</param>
    public sealed record Generated(int Length, PasswordAlphabet Alphabet) : DesiredPassword
    {
        public override T Match<T>(
            Func<Generated, T> generated, Func<Chosen, T> chosen, Func<Claimed, T> claimed, Func<MadeByBackend, T> madeByBackend) =>
            generated(this);
    }

    /// <summary>Somebody chose it and keeps it in a Secret.</summary>
    /// <param name="Source">The Secret and the key in it.</param>
    public sealed record Chosen(LocalSecretKeyReference Source) : DesiredPassword
    {
        public override T Match<T>(
            Func<Generated, T> generated, Func<Chosen, T> chosen, Func<Claimed, T> claimed, Func<MadeByBackend, T> madeByBackend) =>
            chosen(this);
    }

    /// <summary>A person claimed it through an invitation: the Secret keeps its hash, and nothing makes another.</summary>
    /// <param name="Holder">Name of the MailUser who that person is; null if the device names none.</param>
    public sealed record Claimed(string? Holder) : DesiredPassword
    {
        public override T Match<T>(
            Func<Generated, T> generated, Func<Chosen, T> chosen, Func<Claimed, T> claimed, Func<MadeByBackend, T> madeByBackend) =>
            claimed(this);
    }

    /// <summary>The mail system makes it. What it may be used for cannot be changed there afterwards.</summary>
    /// <param name="Device">The device as the mail system is told of it.</param>
    public sealed record MadeByBackend(DeviceDescription Device) : DesiredPassword
    {
        public override T Match<T>(
            Func<Generated, T> generated, Func<Chosen, T> chosen, Func<Claimed, T> claimed, Func<MadeByBackend, T> madeByBackend) =>
            madeByBackend(this);
    }
}
