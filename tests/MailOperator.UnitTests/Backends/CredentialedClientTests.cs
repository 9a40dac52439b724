using MailOperator.Backends;

namespace MailOperator.UnitTests.Backends;

public sealed class CredentialedClientTests
{
    private readonly List<Client> _made = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refresh_SlowReaderBesideAFastOne_DoesNotPutOldCredentialsBack()
    {
        var slow = new TaskCompletionSource<string>();
        int reads = 0;
        await using CredentialedClient<string, Client> clients = Make(
            () => ++reads == 1 ? slow.Task : Task.FromResult("new"));
        Task[] refreshes = [clients.RefreshAsync(Token), clients.RefreshAsync(Token)];

        slow.SetResult("old");
        await Task.WhenAll(refreshes);

        Assert.Equal("new", await clients.UseAsync(static (client, _) => Task.FromResult(client.Credentials), Token));
    }

    [Fact]
    public async Task Dispose_WhileOthersRefresh_LeavesNoClientAndTellsThemToComeBack()
    {
        // Mutants: the gate is disposed while a caller waits for it; a new client is never disposed.
        var leaving = new TaskCompletionSource();
        int reads = 0;
        CredentialedClient<string, Client> clients = Make(() => Task.FromResult($"{++reads}"), leaving.Task);
        await clients.RefreshAsync(Token);
        // The first disposes the old client, the other waits.
        Task[] before = [clients.RefreshAsync(Token), clients.RefreshAsync(Token)];
        Task disposal = clients.DisposeAsync().AsTask();
        Task after = clients.RefreshAsync(Token);

        leaving.SetResult();

        await Task.WhenAll(before);
        await disposal;
        Assert.Equal(BackendFailure.Busy, (await Assert.ThrowsAsync<MailBackendException>(() => after)).Failure);
        Assert.Equal(
            BackendFailure.Busy,
            (await Assert.ThrowsAsync<MailBackendException>(() => clients.RefreshAsync(Token))).Failure);
        Assert.Equal(BackendFailure.Busy, (await Assert.ThrowsAsync<MailBackendException>(
            () => clients.UseAsync(static (_, _) => Task.FromResult(0), Token))).Failure);
        Assert.Equal(3, _made.Count);
        Assert.All(_made, static client => Assert.True(client.IsDisposed));
    }

    private CredentialedClient<string, Client> Make(Func<Task<string>> read, Task? leaving = null) => new(
        _ => read(),
        credentials =>
        {
            var client = new Client(credentials, leaving ?? Task.CompletedTask);
            _made.Add(client);
            return client;
        });

    private sealed class Client(string credentials, Task leaving) : IAsyncDisposable
    {
        public string Credentials => credentials;

        public bool IsDisposed { get; private set; }

        public async ValueTask DisposeAsync()
        {
            await leaving;
            IsDisposed = true;
        }
    }
}
