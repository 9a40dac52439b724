using System.Collections.Concurrent;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Backends.PasswdFile;

/// <summary>
/// The logins in Dovecot's log. Only three things are taken from it: a device of ours, an address and a service. A
/// login's time is when it was read, because Dovecot's own has neither year nor time zone.
/// </summary>
internal sealed class LoginLog(string path, TimeProvider clock) : IDeviceUses, IDisposable
{
    private readonly LogFollower _follower = new(path);
    private readonly ConcurrentDictionary<string, LastUse> _uses = new(StringComparer.Ordinal);

    public async Task<string?> RefreshAsync(IReadOnlySet<string> devices, CancellationToken cancellationToken)
    {
        foreach (string gone in _uses.Keys.Where(device => !devices.Contains(device)))
        {
            _uses.TryRemove(gone, out _);
        }

        DateTimeOffset now = Rfc3339.WholeSeconds(clock.GetUtcNow());
        try
        {
            await _follower.ReadAsync(
                line =>
                {
                    if (LoginLine.Parse(line) is { } login && devices.Contains(login.Device))
                    {
                        _uses[login.Device] = new LastUse
                        {
                            Time = now,
                            Address = login.Address.ToString(),
                            Protocol = login.Protocol,
                        };
                    }
                },
                cancellationToken);
            return null;
        }
        catch (ObjectDisposedException)
        {
            return null; // the backend was replaced
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the login log cannot be read ({e.Message}): let the operator read it, "
                + "or correct spec.passwdFile.loginLog.path";
        }
    }

    public LastUse? Find(string device) => _uses.GetValueOrDefault(device);

    public void Dispose() => _follower.Dispose();
}
