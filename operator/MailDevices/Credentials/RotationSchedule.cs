using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;

namespace MailOperator.MailDevices.Credentials;

/// <summary>When a password is replaced by itself.</summary>
internal static class RotationSchedule
{
    /// <summary>The share of an interval over which the rotations of different devices are spread.</summary>
    public const double Spread = 0.1;

    /// <summary>The share of a window, from its opening on, over which rotations are spread; the rest is left to get them done.</summary>
    public const double SpreadInWindow = 0.75;

    /// <summary>
    /// The first moment, from when the interval is over, that lies in a window. A window that went by unused (no operator
    /// ran, or the backend did not answer) is not caught up on outside of it: the next one counts.
    /// </summary>
    public static DateTimeOffset? Next(string deviceUid, CredentialRecord credential, TimeSpan? interval, RotationWindow? window, DateTimeOffset now)
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

        DateTimeOffset inWindow = opens + (window.Duration * (SpreadInWindow * Dice(deviceUid, credential, 4)));
        return Kubernetes.Rfc3339.WholeSeconds(inWindow > due ? inWindow : due);
    }

    /// <summary>
    /// A moment in the last tenth of the interval. It depends on the device and the password alone, so that neither a
    /// restart nor another operator moves it, and devices made together are not rotated together.
    /// </summary>
    public static DateTimeOffset? Next(string deviceUid, CredentialRecord credential, TimeSpan? interval)
    {
        if (interval is not { } every)
        {
            return null;
        }

        return Kubernetes.Rfc3339.WholeSeconds(credential.IssuedAt + (every * (1 - (Spread * Dice(deviceUid, credential, 0)))));
    }

    // 0 to 1: always the same for this password, and another for each.
    private static double Dice(string deviceUid, CredentialRecord credential, int from)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{deviceUid}/{credential.Selector}"));
        return BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(from)) / (double)uint.MaxValue;
    }
}
