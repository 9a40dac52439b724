using System.Text;
using MailOperator.Passwords;

namespace MailOperator.MailDevices.Secrets;

/// <summary>The credential in a device's Secret: a password in clear, or the hash of a claimed one.</summary>
internal abstract class SecretPayload : IDisposable
{
    private SecretPayload()
    {
    }

    /// <summary>The bytes in the Secret.</summary>
    public abstract ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Calls the function of its kind.</summary>
    public abstract T Match<T>(Func<AppPassword, T> password, Func<string, T> hash);

    public abstract void Dispose();

    /// <summary>A password in clear. Disposing wipes it.</summary>
    public sealed class Password(AppPassword value) : SecretPayload
    {
        public AppPassword Value => value;

        public override ReadOnlySpan<byte> Bytes => value.Bytes;

        public override T Match<T>(Func<AppPassword, T> password, Func<string, T> hash) => password(value);

        public override void Dispose() => value.Dispose();

        public override string ToString() => "***";
    }

    /// <summary>A bcrypt hash, or any text that somebody wrote in its place.</summary>
    public sealed class Hash(byte[] text) : SecretPayload
    {
        public Hash(string text)
            : this(Encoding.ASCII.GetBytes(text))
        {
        }

        public override ReadOnlySpan<byte> Bytes => text;

        public override T Match<T>(Func<AppPassword, T> password, Func<string, T> hash) =>
            hash(Encoding.ASCII.GetString(text));

        public override void Dispose()
        {
            // a hash need not be wiped
        }
    }
}
