using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.MailDevices.Tenancy;

/// <summary>
/// Three namespaces and five mailboxes. Whatever a tenant writes, a pair that no grant allows never reaches the mail
/// system.
/// </summary>
public sealed class TenancyTests
{
    private static readonly GrantSpec[] Grants =
    [
        new GrantSpec
        {
            Namespaces = new NamespaceSelection { Names = ["shop"] },
            Mailboxes = ["shop@example.com", "shop-*@example.com"],
        },
        new GrantSpec
        {
            Namespaces = new NamespaceSelection
            {
                Selector = new LabelSelector { MatchLabels = new() { ["team"] = "bank" } },
            },
            Mailboxes = ["bank@example.com"],
        },
        new GrantSpec { Mailboxes = ["*@public.example.com"] },
    ];

    private static readonly GrantSpec[] Everything = [new GrantSpec { Mailboxes = ["*@*"] }];

    // Written out and not computed, so that it cannot share a mistake with the code under test.
    private static readonly HashSet<(string, string)> Allowed =
    [
        ("bank", "bank@example.com"), ("bank", "any@public.example.com"),
        ("lab", "any@public.example.com"),
        ("shop", "shop@example.com"), ("shop", "shop-1@example.com"), ("shop", "any@public.example.com"),
    ];

    private static readonly Dictionary<string, Action<TenancyRig, ObjectKey>> Forgeries = new()
    {
        ["nothing"] = static (_, _) => { },
        ["Secret"] = ForgeSecret,
        ["status"] = ForgeStatus,
        ["annotations"] = ForgeAnnotations,
        ["finalizer"] = ForgeFinalizer,
        ["all of it"] = static (rig, key) =>
        {
            ForgeSecret(rig, key);
            ForgeStatus(rig, key);
            ForgeAnnotations(rig, key);
            ForgeFinalizer(rig, key);
        },
    };

    public static TheoryData<string> Forged => [.. Forgeries.Keys];

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task Denied_AnyForgery_CallsNoBackend(string what)
    {
        // Mutants: check the grant after the listing; trust the Secret or the finalizer for what was granted. A status
        // that only the operator may write lets it look for slots, and gives nothing.
        using var rig = new TenancyRig(Grants);
        await rig.SettleAsync();
        foreach (ObjectKey key in Denied)
        {
            Forgeries[what](rig, key);
        }

        await rig.SettleAsync();

        Assert.All(Denied, key =>
        {
            Assert.DoesNotContain(
                rig.Backend.Calls,
                call => call.EndsWith($" {rig.Uid(key)}", StringComparison.Ordinal)
                    && !(what is "status" or "all of it" && call.StartsWith("list ", StringComparison.Ordinal)));
            Assert.Equal(Reasons.NotAllowed, rig.Reason(key));
        });
        Assert.All(Allowed, pair => Assert.Equal(Reasons.Issued, rig.Reason(TenancyRig.Key(pair.Item1, pair.Item2))));
        Assert.Equal(
            Allowed.Select(pair => $"{rig.Uid(TenancyRig.Key(pair.Item1, pair.Item2))} {pair.Item2}")
                .Order(StringComparer.Ordinal),
            rig.Backend.Slots.Select(static slot => $"{slot.Owner.DeviceUid} {slot.Mailbox}")
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Forged))]
    public async Task Withdrawn_Keep_GivesNothingAndStillEndsALeak(string what)
    {
        bool asksForAnEnd = what is "annotations" or "all of it"; // rotate-and-revoke is one of them
        using var rig = new TenancyRig(Everything);
        await rig.SettleAsync();
        string[] before = Selectors(rig);
        rig.SetGrants(GrantWithdrawal.Keep, Grants);
        foreach (ObjectKey key in Denied)
        {
            Forgeries[what](rig, key);
        }

        rig.Backend.Forget();
        await rig.SettleAsync();

        Assert.Equal(15, before.Length);
        Assert.Equal(
            asksForAnEnd
                ? before.Where(one => Denied.All(key => !one.StartsWith($"{rig.Uid(key)} ", StringComparison.Ordinal)))
                : before,
            Selectors(rig));
        Assert.All(Denied, key => Assert.Equal(Reasons.NotAllowed, rig.Reason(key)));
        // Passwords that end by time are still looked up.
        Assert.True(asksForAnEnd
            || rig.Backend.Calls.All(static call => call.StartsWith("list ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Withdrawn_Revoke_EndsOnlyThoseAndThenCallsNoBackend()
    {
        using var rig = new TenancyRig(Everything);
        await rig.SettleAsync();
        foreach (ObjectKey key in Denied)
        {
            rig.EditDevice(
                key,
                static device => device["metadata"]!["annotations"] = new JsonObject { [Annotations.Paused] = "true" });
        }

        rig.SetGrants(GrantWithdrawal.Revoke, Grants);
        await rig.SettleAsync();

        Assert.All(Denied, key =>
        {
            Assert.DoesNotContain(rig.Backend.Slots, slot => slot.Owner.DeviceUid == rig.Uid(key));
            Assert.Null(rig.Secret(key));
            Assert.Null(rig.Device(key)["status"]!["credentials"]);
        });
        Assert.Equal(Allowed.Count, rig.Backend.Slots.Count);

        rig.Backend.Forget();
        await rig.SettleAsync();
        Assert.DoesNotContain(
            rig.Backend.Calls, call => Denied.Any(key => call.EndsWith($" {rig.Uid(key)}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Revoke_DevicesWithoutACredential_CallsNoBackend()
    {
        using var rig = new TenancyRig(Grants);
        rig.SetGrants(GrantWithdrawal.Revoke, Grants);
        await rig.SettleAsync(); // a genuine Secret to copy
        foreach (ObjectKey key in Denied)
        {
            ForgeSecret(rig, key);
            ForgeStatus(rig, key);
            ForgeAnnotations(rig, key);
        }

        await rig.SettleAsync();

        // Only the operator may write a status; whoever can all the same makes it look for slots, and no more.
        Assert.DoesNotContain(
            rig.Backend.Calls,
            call => !call.StartsWith("list ", StringComparison.Ordinal)
                && Denied.Any(key => call.EndsWith($" {rig.Uid(key)}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Withdrawn_RevokeThenGrantedAgain_IssuesAgain()
    {
        using var rig = new TenancyRig(Everything);
        await rig.SettleAsync();
        string[] before = Selectors(rig);
        rig.SetGrants(GrantWithdrawal.Revoke);
        await rig.SettleAsync();
        Assert.Empty(rig.Backend.Slots);

        rig.SetGrants(GrantWithdrawal.Revoke, Everything);
        await rig.SettleAsync();

        Assert.Equal(15, rig.Backend.Slots.Count);
        Assert.Empty(Selectors(rig).Intersect(before));
    }

    [Theory]
    [InlineData(1, 15, 5)] // one of three namespaces for each mailbox
    [InlineData(15, 2, 6)]
    public async Task Quotas_FinalizersForged_GiveNoPlace(int perMailbox, int perNamespace, int expected)
    {
        GrantSpec[] limited = [new GrantSpec
        {
            Mailboxes = ["*@*"],
            MaxDevicesPerMailbox = perMailbox,
            MaxDevicesPerNamespace = perNamespace,
        }];
        using var rig = new TenancyRig(limited);
        foreach ((string @namespace, string mailbox) in TenancyRig.Pairs)
        {
            ForgeFinalizer(rig, TenancyRig.Key(@namespace, mailbox));
        }

        await rig.SettleAsync();

        Assert.Equal(expected, rig.Backend.Slots.Count);
        Assert.Equal(15 - expected, TenancyRig.Pairs.Count(
            pair => rig.Reason(TenancyRig.Key(pair.Namespace, pair.Mailbox)) == Reasons.QuotaExceeded));
    }

    private static ObjectKey[] Denied =>
        [.. TenancyRig.Pairs.Where(static pair => !Allowed.Contains(pair))
            .Select(static pair => TenancyRig.Key(pair.Namespace, pair.Mailbox))];

    private static string[] Selectors(TenancyRig rig) =>
        [.. rig.Backend.Slots.Select(static slot => $"{slot.Owner.DeviceUid} {slot.Selector}")
            .Order(StringComparer.Ordinal)];

    /// <summary>Copies the genuine Secret of an allowed device, with this device as its owner.</summary>
    private static void ForgeSecret(TenancyRig rig, ObjectKey key)
    {
        if (rig.Secret(TenancyRig.Key("shop", "shop@example.com")) is not { } genuine || rig.Secret(key) is not null)
        {
            return;
        }

        var forged = (JsonObject)genuine.DeepClone();
        forged["metadata"]!["name"] = key.Name;
        forged["metadata"]!["ownerReferences"]![0]!["uid"] = rig.Uid(key);
        forged["metadata"]!["ownerReferences"]![0]!["name"] = key.Name;
        rig.PutSecret(key, forged);
    }

    private static void ForgeStatus(TenancyRig rig, ObjectKey key) =>
        rig.EditDevice(key, static device => device["status"] = new JsonObject
        {
            ["backend"] = "dovecot",
            ["username"] = "shop@example.com",
            ["credentials"] = new JsonArray(new JsonObject { ["id"] = "aaaaaa", ["state"] = "Current" }),
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Ready",
                ["status"] = "True",
                ["reason"] = Reasons.Issued,
                ["message"] = "",
                ["lastTransitionTime"] = "2026-01-01T00:00:00Z",
            }),
        });

    private static void ForgeAnnotations(TenancyRig rig, ObjectKey key) =>
        rig.EditDevice(key, static device => device["metadata"]!["annotations"] = new JsonObject
        {
            [Annotations.IsDefaultBackend] = "true",
            [Annotations.Rotate] = "now",
            [Annotations.RotateAndRevoke] = "now",
            [Annotations.AbandonRevocation] = device["metadata"]!["uid"]!.GetValue<string>(),
            [Annotations.Credential] = "aaaaaa",
            [Annotations.Epoch] = "7",
        });

    private static void ForgeFinalizer(TenancyRig rig, ObjectKey key) =>
        rig.EditDevice(key, static device => device["metadata"]!["finalizers"] = new JsonArray(Finalizers.Revocation));
}
