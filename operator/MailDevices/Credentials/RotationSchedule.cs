using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MailOperator.MailBackends;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.MailDevices.Credentials;

/// <summary>When a password is rotated automatically.</summary>
internal static class RotationSchedule
{
    /// <summary>The last share of an interval, over which the rotations of different devices are spread.</summary>
    public const double Spread = 0.1;

    /// <summary>
    /// The first share of a window, over which rotations are spread. The rest is time to finish them.
    /// </summary>
    public const double SpreadInWindow = 0.75;

    /// <summary>
    /// The first time after the interval that lies in a window. If a window passes unused (no operator ran, or the
    /// backend did not answer), the rotation waits for the next one.
    /// </summary>
    /// <returns>Whole seconds, UTC; null without an interval or if no window ever opens.</returns>
    public static DateTimeOffset? Next(
        string deviceUid, CredentialRecord credential, TimeSpan? interval, RotationWindow? window, DateTimeOffset now)
    {
        DateTimeOffset? earliest = Next(deviceUid, credential, interval);
        if (earliest is not { } due || window is null)
        {
            return earliest;
        }

        DateTimeOffset opens = window.OpeningAt(due > now ? due : now);
        if (opens == DateTimeOffset.MaxValue)
        {
            return null;
        }

        DateTimeOffset inWindow = opens + (window.Duration * (SpreadInWindow * FractionOf(deviceUid, credential, 4)));
        return Kubernetes.Rfc3339.WholeSeconds(inWindow > due ? inWindow : due);
    }

    /// <summary>
    /// A time in the last tenth of the interval. It depends only on the device and the password: it survives a restart
    /// and is the same for every operator process, but devices created together are not rotated together.
    /// </summary>
    /// <returns>Whole seconds, UTC; null without an interval.</returns>
    public static DateTimeOffset? Next(string deviceUid, CredentialRecord credential, TimeSpan? interval)
    {
        if (interval is not { } every)
        {
            return null;
        }

        double share = 1 - (Spread * FractionOf(deviceUid, credential, 0));
        return Kubernetes.Rfc3339.WholeSeconds(credential.IssuedAt + (every * share));
    }

    // From 0 to 1: fixed for this password, and different for each password.
    private static double FractionOf(string deviceUid, CredentialRecord credential, int from)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{deviceUid}/{credential.Selector}"));
        return BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(from)) / (double)uint.MaxValue;
    }
}
