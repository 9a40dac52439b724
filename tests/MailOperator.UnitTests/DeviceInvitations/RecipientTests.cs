using MailOperator.Api;
using MailOperator.DeviceInvitations.Delivery;
using MailOperator.Kubernetes;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.DeviceInvitations;

/// <summary>Who can be mailed from a namespace, and how often.</summary>
public sealed class RecipientTests
{
    private const string Team = "team-a";

    private static readonly SmtpRelay Relay =
        new("relay", 587, ConnectionSecurity.STARTTLS, "no-reply@example.com", FromName: null, CredentialsSecret: null);

    private readonly FakeTimeProvider _clock = new(Invitations.Now);
    private readonly ObjectStore<MailBackend> _backends = new();
    private readonly ObjectStore<NamespaceMetadata> _namespaces = new();
    private readonly ObjectStore<MailUser> _users = new();
    private readonly ObjectStore<DeviceInvitation> _invitations = new();

    /// <summary>Kills: any domain; the domain of another namespace's grant; capitals that make a difference.</summary>
    [Fact]
    public void Resolve_WithoutAList_AllowsTheDomainsOfGrantedMailboxes()
    {
        Grant("*@example.com");
        Grant("ada@Example.ORG");
        Grant("*@example.net", "team-b");

        Assert.Null(Resolve("stranger@EXAMPLE.com").Problem);
        Assert.Null(Resolve("ada@example.org").Problem);
        DeliveryFacts refused = Resolve("ada@example.net");
        Assert.Equal(Reasons.NotAllowed, refused.ProblemReason);
        Assert.Null(refused.To);
        Assert.Contains("links are mailed to example.com, example.org", refused.Problem);
        Assert.NotNull(Resolve("ada@sub.example.com").Problem);
        Assert.NotNull(Resolve("ada@notexample.com").Problem);
    }

    /// <summary>Kills: a pattern of any domain taken for a permission to mail anybody.</summary>
    [Theory]
    [InlineData("*@*")]
    [InlineData("*")]
    [InlineData("*@*.example.com")]
    public void Resolve_GrantOfAnyDomain_NamesNone(string mailboxes)
    {
        Grant(mailboxes);

        Assert.Contains("mailed to no domain", Resolve("ada@sub.example.com").Problem);
    }

    /// <summary>Kills: the address of a MailUser, which a tenant writes, that is asked nothing.</summary>
    [Fact]
    public void Resolve_AddressOfTheUser_IsAskedTheSame()
    {
        Grant("*@example.com");
        _users.Put(new MailUser
        {
            Metadata = new() { NamespaceProperty = Team, Name = "ada" },
            Spec = new MailUserSpec { EmailAddress = "ada@private.example" },
        });

        Assert.Equal(Reasons.NotAllowed, Resolve(to: null).ProblemReason);
        Assert.Null(Resolve(to: null, Relay with { RecipientDomains = ["private.example"] }).Problem);
    }

    /// <summary>Kills: a list that adds to the grants; a suffix without its dot.</summary>
    [Fact]
    public void Resolve_WithAList_AllowsThatAlone()
    {
        Grant("*@example.com");
        SmtpRelay relay = Relay with { RecipientDomains = ["Example.net", "*.example.org"] };

        Assert.Null(Resolve("ada@example.net", relay).Problem);
        Assert.Null(Resolve("ada@a.b.example.org", relay).Problem);
        Assert.NotNull(Resolve("ada@example.com", relay).Problem);
        Assert.NotNull(Resolve("ada@example.org", relay).Problem);
        Assert.NotNull(Resolve("ada@anexample.org", relay).Problem);
        Assert.Null(Resolve("ada@anywhere.test", Relay with { RecipientDomains = ["*"] }).Problem);
    }

    /// <summary>Kills: no limit; one for all namespaces together; tries that never end; a limit off by one.</summary>
    [Fact]
    public void Take_MoreThanTheLimit_WaitsForTheOldestToBeAnHourAgo()
    {
        MailBudget budget = new(_invitations, _clock);

        Assert.Null(budget.Take(Team, 2));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(budget.Take(Team, 2));
        DateTimeOffset free = Invitations.Now.AddHours(1);
        Assert.Equal(free, budget.Take(Team, 2));
        Assert.Equal(free, budget.FreeAt(Team, 2));
        Assert.Null(budget.Take("team-b", 2));

        _clock.SetUtcNow(free);
        Assert.Null(budget.Take(Team, 2));
        Assert.Equal(free.AddMinutes(10), budget.Take(Team, 2));
    }

    /// <summary>Kills: a restart that forgets what was mailed a minute ago.</summary>
    [Fact]
    public void FreeAt_AfterARestart_CountsWhatTheStatusSays()
    {
        Tried("one", Invitations.Now.AddMinutes(-20));
        Tried("two", Invitations.Now.AddMinutes(-61));
        Tried("forged", Invitations.Now.AddYears(1));

        Assert.Equal(Invitations.Now.AddMinutes(40), new MailBudget(_invitations, _clock).FreeAt(Team, 1));
        Assert.Null(new MailBudget(_invitations, _clock).FreeAt(Team, 2));
    }

    /// <summary>
    /// Kills: a mail that is due although the namespace has no try left; a wait that nothing tells of.
    /// </summary>
    [Fact]
    public void DueAt_NoTryLeft_IsHeldAndSaysUntilWhen()
    {
        DateTimeOffset until = Invitations.Now.AddMinutes(40);
        DeliveryFacts held = Invitations.Owed with { HeldUntil = until };

        Assert.Equal(until, DeliveryPlanner.DueAt(held, Invitations.Now));
        Condition condition = DeliveryPlanner.Condition(held, previous: null)!;
        Assert.Equal(("Unknown", Reasons.Pending), (condition.Status, condition.Reason));
        Assert.Contains(Rfc3339.Format(until), condition.Message);
        Assert.Contains("config.smtp.maxTriesPerHour", condition.Message);
    }

    private DeliveryFacts Resolve(string? to, SmtpRelay? relay = null)
    {
        var resolver = new DeliveryResolver(
            _users, new RecipientDomains(_backends, _namespaces), new MailBudget(_invitations, _clock));
        return resolver.Resolve(Invitation("ada", to), tokenHash: null, relay ?? Relay)!;
    }

    private static DeviceInvitation Invitation(string name, string? to) => new()
    {
        Metadata = new() { NamespaceProperty = Team, Name = name, Uid = name },
        Spec = new DeviceInvitationSpec
        {
            UserRef = new ObjectReference { Name = "ada" },
            Delivery = new DeliverySpec { Email = new EmailDeliverySpec { To = to } },
        },
    };

    private void Tried(string name, DateTimeOffset at)
    {
        DeviceInvitation invitation = Invitation(name, to: null);
        invitation.Status = new DeviceInvitationStatus { LastDeliveryAttempt = at };
        _invitations.Put(invitation);
    }

    private void Grant(string mailboxes, string @namespace = Team) => _backends.Put(new MailBackend
    {
        Metadata = new() { Name = $"backend-{_backends.Count}" },
        Spec = new MailBackendSpec
        {
            Grants =
            [
                new GrantSpec
                {
                    Mailboxes = [mailboxes],
                    Namespaces = new NamespaceSelection { Names = [@namespace] },
                },
            ],
        },
    });
}
