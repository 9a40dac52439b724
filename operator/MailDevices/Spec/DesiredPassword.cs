using MailOperator.Api;
using MailOperator.Backends;

namespace MailOperator.MailDevices.Spec;

/// <summary>
/// The required origin of a device's password, one of a closed set. <see cref="Match"/> has a parameter for each, so
/// that a new origin compiles only when every caller handles it.
/// </summary>
internal abstract record DesiredPassword
{
    private DesiredPassword()
    {
    }

    /// <summary>Calls the function of its origin.</summary>
    public abstract T Match<T>(
        Func<Generated, T> generated,
        Func<Chosen, T> chosen,
        Func<Claimed, T> claimed,
        Func<MadeByBackend, T> madeByBackend);

    /// <summary>The operator generates it.</summary>
    /// <param name="Length">Characters.</param>
    /// <param name="Alphabet">The characters to draw from.</param>
    public sealed record Generated(int Length, PasswordAlphabet Alphabet) : DesiredPassword
    {
        public override T Match<T>(
            Func<Generated, T> generated,
            Func<Chosen, T> chosen,
            Func<Claimed, T> claimed,
            Func<MadeByBackend, T> madeByBackend) =>
            generated(this);
    }

    /// <summary>A user chose it and keeps it in a Secret.</summary>
    /// <param name="Source">The Secret and the key in it.</param>
    public sealed record Chosen(LocalSecretKeyReference Source) : DesiredPassword
    {
        public override T Match<T>(
            Func<Generated, T> generated,
            Func<Chosen, T> chosen,
            Func<Claimed, T> claimed,
            Func<MadeByBackend, T> madeByBackend) =>
            chosen(this);
    }

    /// <summary>A person claimed it with an invitation. The Secret keeps its hash, and it is not rotated.</summary>
    /// <param name="Holder">Name of that person's MailUser; null if the device names none.</param>
    public sealed record Claimed(string? Holder) : DesiredPassword
    {
        public override T Match<T>(
            Func<Generated, T> generated,
            Func<Chosen, T> chosen,
            Func<Claimed, T> claimed,
            Func<MadeByBackend, T> madeByBackend) =>
            claimed(this);
    }

    /// <summary>The mail system makes it. Its scope cannot be changed there afterwards.</summary>
    /// <param name="Device">The device as the mail system shows it.</param>
    public sealed record MadeByBackend(DeviceDescription Device) : DesiredPassword
    {
        public override T Match<T>(
            Func<Generated, T> generated,
            Func<Chosen, T> chosen,
            Func<Claimed, T> claimed,
            Func<MadeByBackend, T> madeByBackend) =>
            madeByBackend(this);
    }
}
