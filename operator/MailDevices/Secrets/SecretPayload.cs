using System.Text;
using MailOperator.Passwords;

namespace MailOperator.MailDevices.Secrets;

/// <summary>What a device's Secret is there for: a password in clear, or the hash of one that only a person knows.</summary>
internal abstract class SecretPayload : IDisposable
{
    private SecretPayload()
    {
    }

    /// <summary>As it stands in the Secret.</summary>
    public abstract ReadOnlySpan<byte> Bytes { get; }

    /// <summary>One result for each kind.</summary>
    public abstract T Match<T>(Func<AppPassword, T> password, Func<string, T> hash);

    public abstract void Dispose();

    /// <summary>A password in clear, wiped when this is disposed of.</summary>
    public sealed class Password(AppPassword value) : SecretPayload
    {
        public AppPassword Value => value;

        public override ReadOnlySpan<byte> Bytes => value.Bytes;

        public override T Match<T>(Func<AppPassword, T> password, Func<string, T> hash) => password(value);

        public override void Dispose() => value.Dispose();

        public override string ToString() => "***";
    }

    /// <summary>A bcrypt hash, or whatever somebody wrote in its place.</summary>
    public sealed class Hash(byte[] text) : SecretPayload
    {
        public Hash(string text)
            : this(Encoding.ASCII.GetBytes(text))
        {
        }

        public override ReadOnlySpan<byte> Bytes => text;

        public override T Match<T>(Func<AppPassword, T> password, Func<string, T> hash) => hash(Encoding.ASCII.GetString(text));

        public override void Dispose()
        {
            // A hash is no secret that must be wiped.
        }
    }
}
