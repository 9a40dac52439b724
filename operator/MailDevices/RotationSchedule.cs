using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MailOperator.MailDevices;

/// <summary>When a password is replaced by itself.</summary>
internal static class RotationSchedule
{
    /// <summary>The share of an interval over which the rotations of different devices are spread.</summary>
    public const double Spread = 0.1;

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

        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{deviceUid}/{credential.Selector}"));
        double dice = BinaryPrimitives.ReadUInt32BigEndian(hash) / (double)uint.MaxValue;
        return Kubernetes.Rfc3339.WholeSeconds(credential.IssuedAt + (every * (1 - (Spread * dice))));
    }
}
