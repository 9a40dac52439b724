using System.Collections.Concurrent;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>Applications log in all the time while passwords rotate and servers fail.</summary>
public sealed class LoginLoopTests(ITestOutputHelper output) : OperatorTest
{
    private const int Clients = 20;
    private const int Devices = 10;
    private const int RotationsOfEach = 5;
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>A rotation waits for Dovecot to read its file, and starts again if the operator is killed.</summary>
    private static readonly TimeSpan MaxRotationTime = TimeSpan.FromMinutes(3);

    private readonly PromisedPasswords[] _promised =
        [.. Enumerable.Range(0, Devices).Select(static _ => new PromisedPasswords(Overlap))];
    private readonly ConcurrentBag<string> _refused = [];
    private int _logins;

    private string BackendName => "loop-" + Namespace;

    [Fact]
    public async Task Rotate_WhileOperatorAndBackendBreak_RefusesNoPasswordWithinItsOverlap()
    {
        // Mutants: write the Secret before the slot or before Dovecot has read it; start the overlap before the slot is
        // written; retire by a stale clock or Secret.
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await Cluster.CreateAsync(
            ApiGroup.MailBackends, "",
            TestBed.BackendYaml(BackendName, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        for (int device = 0; device < Devices; device++)
        {
            await Cluster.CreateDeviceAsync(
                Namespace, Name(device),
                $"{{mailbox: loop{device}@example.com, backendRef: {{name: {BackendName}}}, rotation: {{overlap: "
                + $"{Durations.Format(Overlap)}}}}}");
        }

        await Task.WhenAll(
            Enumerable.Range(0, Devices).Select(device => Bed.WaitForDeviceAsync(Key(Name(device)), "Ready", "True")));
        using var over = new CancellationTokenSource();
        Task clients = Task.WhenAll(
            Enumerable.Range(0, Clients).Select(client => Task.Run(() => LogInAsync(client, over.Token))));
        Task trouble = TroubleAsync(new Random(seed), over.Token);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Devices).Select(RotateAsync));
        }
        finally
        {
            await over.CancelAsync();
        }

        await trouble;
        await clients;
        output.WriteLine($"{_logins} logins by {Clients} clients");
        Assert.Empty(_refused);
        await AssertOldPasswordsEndAsync();
        await RemoveAsync();
    }

    private static string Name(int device) => $"loop{device}";

    private async Task RotateAsync(int device)
    {
        for (int rotation = 0; rotation < RotationsOfEach; rotation++)
        {
            string before = (await Bed.SecretAsync(Key(Name(device)))).ResourceVersion;
            await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key(Name(device)), Annotations.Rotate, $"{rotation}");
            await Eventually.TrueAsync($"rotation {rotation} of {Name(device)}", MaxRotationTime, async () =>
                (await Bed.SecretAsync(Key(Name(device)))).ResourceVersion != before);
        }
    }

    /// <summary>
    /// Every second client reads the Secret before each login; the others keep a password as long as it is valid.
    /// </summary>
    private async Task LogInAsync(int client, CancellationToken over)
    {
        int device = client % Devices;
        Promise? held = null;
        while (!over.IsCancellationRequested)
        {
            held = held is null || client / Devices % 2 == 0 || Now >= held.End ? await ReadAsync(device) : held;
            bool isAccepted = await MailLogin.ImapAsync(
                Bed.Dovecot.ImapPort, $"loop{device}@example.com", held.Password);
            Judge(held, isAccepted, Now);
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
    }

    private void Judge(Promise held, bool isAccepted, DateTimeOffset answered)
    {
        Interlocked.Increment(ref _logins);
        if (!isAccepted && answered < held.End)
        {
            _refused.Add(
                $"{held.Password[..6]} at {answered:O}, first seen {held.FirstSeen:O}, good until {held.End:O}");
        }
    }

    private async Task<Promise> ReadAsync(int device)
    {
        DateTimeOffset asked = Now;
        DeviceSecret secret = await Bed.SecretAsync(Key(Name(device)));
        return _promised[device].Seen(secret["password"], asked, Now);
    }

    /// <summary>
    /// At random, kills the operator, blocks its writes to the file, or replaces the file like another program.
    /// </summary>
    private async Task TroubleAsync(Random random, CancellationToken over)
    {
        // A folder at the path where the operator writes the next file.
        string blocked = Bed.Dovecot.PasswdFile + ".new";
        while (!over.IsCancellationRequested)
        {
            switch (random.Next(3))
            {
                case 0:
                    await Bed.Operator.KillAsync();
                    await ReplaceFileAsync();
                    await Cluster.DeleteAsync(
                        ResourceType.Leases, new ObjectKey(ShippedRights.Namespace, "mail-operator"));
                    await Bed.Operator.StartAsync();
                    break;
                case 1:
                    await Bed.KillAndRestartAsync();
                    break;
                case 2 when TryBlock(blocked):
                    await Task.Delay(
                        TimeSpan.FromMilliseconds(random.Next(100, 1000)), TimeProvider.System, CancellationToken.None);
                    Directory.Delete(blocked);
                    break;
            }

            await Task.Delay(
                TimeSpan.FromMilliseconds(random.Next(1000, 3000)), TimeProvider.System, CancellationToken.None);
        }
    }

    /// <summary>Retries while the operator writes there.</summary>
    private static bool TryBlock(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            return true;
        }
        catch (IOException) when (!Directory.Exists(path))
        {
            return false;
        }
    }

    private async Task ReplaceFileAsync()
    {
        string copy = Bed.Dovecot.PasswdFile + ".copy";
        string text = await File.ReadAllTextAsync(Bed.Dovecot.PasswdFile);
        await File.WriteAllTextAsync(copy, text + $"# {Guid.NewGuid()}\n");
        File.SetUnixFileMode(copy, File.GetUnixFileMode(Bed.Dovecot.PasswdFile));
        File.Move(copy, Bed.Dovecot.PasswdFile, overwrite: true);
    }

    private async Task AssertOldPasswordsEndAsync()
    {
        for (int device = 0; device < Devices; device++)
        {
            Promise current = await ReadAsync(device);
            Assert.True(_promised[device].All.Count > RotationsOfEach / 2, "The clients have hardly seen a rotation.");
            Assert.True(await MailLogin.ImapAsync(Bed.Dovecot.ImapPort, $"loop{device}@example.com", current.Password));
            foreach (string old in _promised[device].All.Where(password => password != current.Password))
            {
                await Eventually.TrueAsync($"{old[..6]} has ended", async () =>
                    !await MailLogin.ImapAsync(Bed.Dovecot.ImapPort, $"loop{device}@example.com", old));
            }
        }
    }

    private async Task RemoveAsync()
    {
        for (int device = 0; device < Devices; device++)
        {
            await Cluster.DeleteAsync(ApiGroup.MailDevices, Key(Name(device)));
        }

        // It is gone after the last device.
        await Cluster.DeleteAsync(ApiGroup.MailBackends, new ObjectKey("", BackendName));
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
