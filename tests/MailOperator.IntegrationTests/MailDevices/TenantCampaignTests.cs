using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>
/// A tenant with the role <c>edit</c> tries with everything that it may write to keep a password beyond what the
/// platform has set. It reads each password that it can get; none of them may work in the end.
/// </summary>
public sealed class TenantCampaignTests(ITestOutputHelper output) : OperatorTest
{
    private static readonly TimeSpan Maximum = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(30);

    private readonly string _backend = $"campaign-{Guid.NewGuid().ToString("N")[..8]}";
    private readonly ConcurrentBag<DeviceSecret> _read = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("mo-tenant-").FullName;
    private Cluster _tenant = null!;

    /// <summary>What it does with a device that has a password, by the device's name.</summary>
    private Dictionary<string, Func<ObjectKey, Task>> Tricks => new()
    {
        ["edits-the-password"] = key => SecretAsync(key, $"{{stringData: {{password: mine-{Guid.NewGuid():N}}}}}"),
        ["edits-the-user-name"] = key => SecretAsync(key, "{stringData: {username: somebody@example.com}}"),
        ["removes-the-owner"] = key => SecretAsync(key, "{metadata: {ownerReferences: null}}"),
        ["forges-the-digest"] = key => SecretAsync(
            key,
            $"{{metadata: {{annotations: {{{Annotations.Digest}: 'v1:00000000:AAAA', "
            + $"{Annotations.HandledRotateAndRevoke}: leak}}}}}}"),
        ["hangs-its-secret"] = async key =>
        {
            await SecretAsync(key, "{metadata: {finalizers: [example.com/mine]}}");
            await _tenant.DeleteAsync(ResourceType.Secrets, key);
        },
        ["hangs-its-device"] = async key =>
        {
            await DeviceAsync(key, $"{{metadata: {{finalizers: [{Finalizers.Revocation}, example.com/mine]}}}}");
            await _tenant.DeleteAsync(ApiGroup.MailDevices, key);
        },
        ["pauses"] = key => _tenant.AnnotateAsync(ApiGroup.MailDevices, key, Annotations.Paused, "true"),
        ["pauses-and-deletes"] = async key =>
        {
            await _tenant.AnnotateAsync(ApiGroup.MailDevices, key, Annotations.Paused, "true");
            await _tenant.DeleteAsync(ApiGroup.MailDevices, key);
        },
        ["breaks-a-template"] = key => DeviceAsync(key, "{spec: {secret: {data: {DSN: '{{ nothing }}'}}}}"),
        ["names-no-user"] = key => DeviceAsync(key, "{spec: {userRef: {name: nobody}}}"),
        ["asks-for-a-late-end"] = key => DeviceAsync(key, "{spec: {expiry: {at: '2090-01-01T00:00:00Z'}}}"),
        ["asks-for-a-long-overlap"] = async key =>
        {
            await DeviceAsync(key, "{spec: {rotation: {overlap: 80d}}}");
            await _tenant.AnnotateAsync(ApiGroup.MailDevices, key, Annotations.Rotate, "once");
            await ReadNextAsync(key);
        },
        ["puts-an-old-secret-back"] = async key =>
        {
            JsonObject old = (await _tenant.FindAsync(ResourceType.Secrets, key))!;
            await _tenant.AnnotateAsync(ApiGroup.MailDevices, key, Annotations.Rotate, "once");
            await ReadNextAsync(key);
            await _tenant.DeleteAsync(ResourceType.Secrets, key);
            var metadata = old["metadata"]!.AsObject();
            foreach (string own in (string[])["resourceVersion", "uid", "creationTimestamp", "managedFields"])
            {
                metadata.Remove(own);
            }

            await IgnoreAsync(() => _tenant.CreateAsync(ResourceType.Secrets, Namespace, old));
        },
        ["forces-the-finalizer"] = async key =>
        {
            await DeviceAsync(key, "{metadata: {finalizers: null}}");
            await _tenant.DeleteAsync(ApiGroup.MailDevices, key);
        },
        ["retains"] = async key =>
        {
            await DeviceAsync(key, "{spec: {deletionPolicy: Retain}}");
            await _tenant.DeleteAsync(ApiGroup.MailDevices, key);
        },
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tenant_WhateverItWrites_KeepsNoPasswordBeyondThePlatformsEnd(bool isWithdrawn)
    {
        // Mutants: each trick holds back an end; a forced finalizer leaves a password that nobody counts.
        _tenant = await Tenant.JoinAsync(Cluster, Namespace, _folder);
        await Cluster.CreateAsync(ApiGroup.MailBackends, "", TestBed.BackendYaml(
            _backend, $"{{path: {Bed.Dovecot.PasswdFile}}}", Bed.Dovecot));
        await Bed.ChangeBackendAsync(
            _backend,
            "{spec: {grants: [{mailboxes: ['*@example.com'], maxDevicesPerMailbox: 1, retention: "
            + (isWithdrawn ? "Allowed" : "Denied") + "}], grantWithdrawn: Revoke"
            + (isWithdrawn ? "" : $", expiry: {{maximum: {Maximum.TotalSeconds}s}}") + "}}");
        await AssertMayNotSayWhatIsSoAsync();

        string[] names = [.. Tricks.Keys];
        await Task.WhenAll(names.Select(CreateAsync));
        DateTimeOffset issued = TimeProvider.System.GetUtcNow();
        await Task.WhenAll(names.Select(name => IgnoreAsync(() => Tricks[name](Key(name)))));
        await Task.WhenAll(names.Select(AgainAsync));
        foreach (IGrouping<string, DeviceSecret> mailbox in _read.GroupBy(static secret => secret["username"]))
        {
            Assert.True(await WorkingAsync(mailbox) <= 2, $"{mailbox.Key} has more passwords than its quota.");
        }

        if (isWithdrawn)
        {
            await Bed.ChangeBackendAsync(_backend, "{spec: {grants: [{mailboxes: [nobody@example.com]}]}}");
        }

        TimeSpan limit = isWithdrawn ? Late : issued + Maximum + Late - TimeProvider.System.GetUtcNow();
        await Eventually.TrueAsync(
            "every password that the tenant has read is refused", limit, async () => await WorkingAsync(_read) == 0);
        output.WriteLine($"{_read.Count} passwords read with {names.Length} tricks, none works");
        await Task.WhenAll(names.Select(TidyAsync));
        Assert.Equal(0, await WorkingAsync(_read));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _tenant?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // Whoever writes a status could claim anything.
    private async Task AssertMayNotSayWhatIsSoAsync()
    {
        await _tenant.CreateDeviceAsync(Namespace, "mute", DeviceSpec("mute"));
        ApiException refused = await Assert.ThrowsAsync<ApiException>(() => _tenant.Api.JsonPatchAsync(
            ApiGroup.MailDevices, Key("mute"), "status",
            """[{"op":"add","path":"/status/epoch","value":0}]"""u8.ToArray(), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        await _tenant.DeleteAsync(ApiGroup.MailDevices, Key("mute"));
    }

    private string DeviceSpec(string name) =>
        $"{{mailbox: {name}.{Namespace}@example.com, backendRef: {{name: {_backend}}}}}";

    private async Task CreateAsync(string name)
    {
        await _tenant.CreateDeviceAsync(Namespace, name, DeviceSpec(name));
        await Bed.WaitForDeviceAsync(Key(name), "Ready", "True", limit: TimeSpan.FromMinutes(2));
        await ReadAsync(Key(name));
    }

    /// <summary>Two more devices on the same mailbox, one after the other, as far as the quota lets them.</summary>
    private async Task AgainAsync(string name)
    {
        for (int time = 1; time <= 2; time++)
        {
            string next = $"{name}-{time}";
            await _tenant.CreateDeviceAsync(Namespace, next, DeviceSpec(name));
            await Eventually.TrueAsync($"{next} is judged", TimeSpan.FromMinutes(2), async () =>
                await _tenant.FindAsync(ApiGroup.MailDevices, Key(next)) is { } device
                && Status.Condition(device, ConditionTypes.Ready) is not null);
            await ReadAsync(Key(next));
            if (name.StartsWith("forces", StringComparison.Ordinal) || name == "retains")
            {
                await IgnoreAsync(() => Tricks[name](Key(next)));
            }
        }
    }

    private async Task ReadAsync(ObjectKey key)
    {
        if (await _tenant.FindAsync(ResourceType.Secrets, key) is { } secret
            && secret["data"]?["password"] is not null)
        {
            _read.Add(new DeviceSecret(secret));
        }
    }

    private async Task ReadNextAsync(ObjectKey key)
    {
        JsonObject? before = await _tenant.FindAsync(ResourceType.Secrets, key);
        string? version = (string?)before?["metadata"]?["resourceVersion"];
        await Eventually.TrueAsync("there is another password", async () =>
            await _tenant.FindAsync(ResourceType.Secrets, key) is { } secret
            && (string)secret["metadata"]!["resourceVersion"]! != version);
        await ReadAsync(key);
    }

    private async Task<int> WorkingAsync(IEnumerable<DeviceSecret> secrets)
    {
        int working = 0;
        foreach (DeviceSecret[] batch in secrets.Chunk(8))
        {
            working += (await Task.WhenAll(batch.Select(secret => Bed.ImapAsync(secret)))).Count(static isIn => isIn);
        }

        return working;
    }

    /// <summary>Nothing of it may hold up the deletion of the namespace.</summary>
    private async Task TidyAsync(string name)
    {
        await IgnoreAsync(() => SecretAsync(Key(name), "{metadata: {finalizers: null}}"));
        await IgnoreAsync(() => _tenant.AnnotateAsync(ApiGroup.MailDevices, Key(name), Annotations.Paused, null));
        if (name == "hangs-its-device")
        {
            await IgnoreAsync(() => DeviceAsync(Key(name), "{metadata: {finalizers: null}}"));
        }
    }

    private Task<JsonObject> SecretAsync(ObjectKey key, string patch) =>
        _tenant.MergeAsync(ResourceType.Secrets, key, patch);

    private Task<JsonObject> DeviceAsync(ObjectKey key, string patch) =>
        _tenant.MergeAsync(ApiGroup.MailDevices, key, patch);

    // The operator may be faster.
    private static async Task IgnoreAsync(Func<Task> trick)
    {
        try
        {
            await trick();
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // It has undone it already.
        }
    }
}
