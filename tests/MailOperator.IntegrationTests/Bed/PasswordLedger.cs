using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.Bed;

/// <summary>
/// Watches every Secret and records each password in it and each change of its data: the passwords must not be anywhere
/// else after the run, and each change would have restarted an application.
/// </summary>
internal sealed class PasswordLedger(KubernetesApi api) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, byte> _passwords = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ObjectKey, ConcurrentQueue<string>> _data = new();
    private Task _watching = Task.CompletedTask;

    public IReadOnlyCollection<string> Passwords => [.. _passwords.Keys];

    /// <summary>The passwords that were in a Secret, one for each change of its data.</summary>
    public IReadOnlyList<string> PasswordsOf(ObjectKey key) =>
        [.. _data.GetValueOrDefault(key, []).Select(static data => Password(data))];

    public void Start() => _watching = WatchAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        string version = "";
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (version.Length == 0)
                {
                    using JsonDocument list = await api.ListPageAsync(
                        ResourceType.Secrets, Selection.Everything, 5000, null, _stop.Token);
                    version = list.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
                }

                await foreach (WatchEvent change in api.WatchAsync(
                    ResourceType.Secrets, Selection.Everything, version, TimeSpan.FromHours(1), _stop.Token))
                {
                    version = change.Object.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
                    Note(change.Object);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Note(JsonElement secret)
    {
        if (!secret.TryGetProperty("data", out JsonElement data)
            || !data.TryGetProperty("password", out JsonElement password))
        {
            return;
        }

        _passwords.TryAdd(Encoding.UTF8.GetString(password.GetBytesFromBase64()), 0);
        JsonElement metadata = secret.GetProperty("metadata");
        ConcurrentQueue<string> history = _data.GetOrAdd(
            new ObjectKey(metadata.GetProperty("namespace").GetString()!, metadata.GetProperty("name").GetString()!),
            static _ => []);
        string text = data.GetRawText();
        if (history.LastOrDefault() != text)
        {
            history.Enqueue(text);
        }
    }

    private static string Password(string data)
    {
        using var document = JsonDocument.Parse(data);
        return Encoding.UTF8.GetString(document.RootElement.GetProperty("password").GetBytesFromBase64());
    }
}
