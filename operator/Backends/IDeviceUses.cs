using MailOperator.Api;

namespace MailOperator.Backends;

/// <summary>
/// The part of a backend that tells when each device logged in last (see <see cref="IMailBackend.Uses"/>).
/// </summary>
internal interface IDeviceUses
{
    /// <summary>
    /// Reads the logins since the last call, of these devices only (<c>namespace/name</c>). Returns what is wrong and
    /// what to do about it as a sentence, or null.
    /// </summary>
    Task<string?> RefreshAsync(IReadOnlySet<string> devices, CancellationToken cancellationToken);

    /// <summary>The latest login known of a device, or null.</summary>
    LastUse? Find(string device);
}
