using System.Collections.Immutable;
using MailOperator.Api;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.MailServers;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

public sealed class SecretMemoryTests
{
    private readonly SecretMemory _memory = new();

    [Fact]
    public void Recall_SameVersionAndDesiredSecret_ReturnsWhatWasJudged()
    {
        _memory.Remember("uid-a", Secret, Desired);

        Assert.Same(Secret, _memory.Recall("uid-a", "7", Desired));
        Assert.Same(Secret, _memory.Recall("uid-a", "7", Desired with { }));
    }

    [Fact]
    public void Recall_AnythingElse_ReturnsNull()
    {
        _memory.Remember("uid-a", Secret, Desired);

        Assert.Null(_memory.Recall("uid-a", "8", Desired));
        Assert.Null(_memory.Recall("uid-a", null, Desired)); // the watch no longer shows it
        Assert.Null(_memory.Recall("uid-b", "7", Desired));
    }

    [Fact]
    public void Recall_ChangeThatShowsInTheSecret_ReturnsNull()
    {
        DesiredCredential[] others =
        [
            Desired with { Secret = Desired.Secret with { Provider = "other" } },
            Desired with { Secret = Desired.Secret with { Username = "Alerts@example.com" } },
            Desired with { Secret = Desired.Secret with { Name = "other" } },
            Desired with { Secret = Desired.Secret with { KeepsHash = true } },
            Desired with { Secret = Desired.Secret with { Type = "Opaque" } },
            Desired with { Secret = Desired.Secret with { Labels = Desired.Secret.Labels.Add("a", "1") } },
            Desired with { Secret = Desired.Secret with { Annotations = Desired.Secret.Annotations.Add("a", "1") } },
            Desired with { Secret = Desired.Secret with { Data = SecretDataTests.Data("A", "{{ host }}") } },
            Desired with
            {
                Secret = Desired.Secret with { Endpoints = [Desired.Secret.Endpoints[0] with { Port = 587 }] },
            },
            Desired with
            {
                Secret = Desired.Secret with
                {
                    Endpoints = [Desired.Secret.Endpoints[0] with { Security = ConnectionSecurity.None }],
                },
            },
            Desired with
            {
                Secret = Desired.Secret with
                {
                    Endpoints =
                    [
                        Desired.Secret.Endpoints[0],
                        new ClientEndpoint(MailProtocol.IMAP, "mail.example.com", 993, ConnectionSecurity.TLS),
                    ],
                },
            },
        ];
        _memory.Remember("uid-a", Secret, Desired);

        Assert.All(others, other => Assert.Null(_memory.Recall("uid-a", "7", other)));
    }

    [Fact]
    public void Recall_ChangeThatDoesNotShowInTheSecret_IsRemembered()
    {
        // Otherwise a change of a backend's setting would cost a read of every Secret.
        _memory.Remember("uid-a", Secret, Desired);

        Assert.NotNull(_memory.Recall("uid-a", "7", Desired with
        {
            WorkFactor = 12,
            Lifetime = Desired.Lifetime with
            {
                Overlap = TimeSpan.Zero,
                Interval = TimeSpan.FromDays(1),
                ExpiresAt = Now,
            },
        }));
        Assert.NotNull(_memory.Recall(
            "uid-a", "7",
            Desired with { Access = Desired.Access with { Restrictions = Restrictions with { IsSuspended = true } } }));
    }

    [Fact]
    public void Recall_EqualDesiredSecret_IsRemembered()
    {
        DesiredCredential Made() => Desired with
        {
            Secret = Desired.Secret with
            {
                Labels = ImmutableSortedDictionary<string, string>.Empty.Add("b", "2").Add("a", "1"),
                Endpoints = [new ClientEndpoint(MailProtocol.SMTP, "mail.example.com", 465, ConnectionSecurity.TLS)],
            },
        };
        _memory.Remember("uid-a", Secret, Made());

        Assert.NotNull(_memory.Recall("uid-a", "7", Made())); // mutant: compare by reference
    }

    [Fact]
    public void Remember_NewerVersion_ReplacesTheOlder()
    {
        _memory.Remember("uid-a", Secret, Desired);
        _memory.Remember("uid-a", Secret with { ResourceVersion = "8" }, Desired);

        Assert.Null(_memory.Recall("uid-a", "7", Desired));
        Assert.NotNull(_memory.Recall("uid-a", "8", Desired));
        Assert.Equal((false, true), (_memory.Knows("uid-a", "7"), _memory.Knows("uid-a", "8")));
    }

    [Fact]
    public void Remember_AbsentOrForeign_Forgets()
    {
        foreach (SecretState state in (SecretState[])[new SecretState.Absent(), new SecretState.Foreign("x")])
        {
            _memory.Remember("uid-a", Secret, Desired);

            _memory.Remember("uid-a", state, Desired);

            Assert.Null(_memory.Recall("uid-a", "7", Desired));
            Assert.False(_memory.Knows("uid-a", "7"));
        }
    }

    [Fact]
    public void Forget_Device_LeavesTheOthers()
    {
        _memory.Remember("uid-a", Secret, Desired);
        _memory.Remember("uid-b", Secret, Desired);

        _memory.Forget("uid-a");
        _memory.Forget("never seen");

        Assert.Null(_memory.Recall("uid-a", "7", Desired));
        Assert.True(_memory.Knows("uid-b", "7"));
    }
}
