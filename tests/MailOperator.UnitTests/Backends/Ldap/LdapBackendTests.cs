using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.Ldap.Protocol;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Backends.Ldap;

/// <summary>What the directory of a test is hard to be brought to: refusals in the middle, and entries that are not the operator's work.</summary>
public sealed class LdapBackendTests : IAsyncDisposable
{
    private const string Base = "ou=app-passwords,dc=example,dc=com";
    private const string Account = $"mailOperatorMailbox=a@example.com,{Base}";
    private const string Hash = "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    private static readonly SlotOwner Owner = new("one", "d1");

    private readonly ScriptedDirectory _directory = new();
    private readonly LdapBackend _backend;

    public LdapBackendTests() => _backend = (LdapBackend)new LdapDriver(new GivenSecret(new() { ["username"] = "cn=op", ["password"] = "the-password-of-the-operator" }))
        .Create(new MailBackendSpec
        {
            Ldap = new LdapSpec { Url = $"ldap://127.0.0.1:{_directory.Port}", BaseDN = Base, Tls = LdapTls.Disabled, BindSecret = new ObjectReference { Name = "ldap" } },
        });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _backend.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task List_PartOfItElsewhere_IsRejected()
    {
        // Mutant: what another directory holds counts as not there.
        _directory.Entries = [Entry(Slot("aaaaaa"))];
        _directory.IsPart = true;

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => _backend.ListAsync(Owner, Token));

        Assert.Equal((BackendFailure.Rejected, true), (e.Failure, e.Message.Contains("refers to another directory", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Apply_ReplacementRefused_UndoesWhatWasDoneAndSaysTheRefusal()
    {
        // Mutants: what was added or changed before stays; an undo that fails ends the undoing, or is said in place of the refusal.
        _directory.Entries = [Entry(Slot("aaaaaa")), Entry(Slot("bbbbbb"))];
        _directory.Judge = static change => change.StartsWith($"modify mailOperatorSelector=bbbbbb,{Account} ", StringComparison.Ordinal) ? (LdapCode.InsufficientAccessRights, "")
            : change == $"delete mailOperatorSelector=nnnnnn,{Account}" ? (LdapCode.NoSuchObject, "")
            : (LdapCode.Success, "");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => _backend.ApplyAsync(
            new SlotChange(Owner, [Slot("mmmmmm"), Slot("nnnnnn"), Suspended("aaaaaa"), Suspended("bbbbbb")], []), Token));

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        string[] done = [.. _directory.Changes];
        Assert.Equal(
            [$"add mailOperatorSelector=mmmmmm,{Account}", $"add mailOperatorSelector=nnnnnn,{Account}", $"modify mailOperatorSelector=aaaaaa,{Account}", $"modify mailOperatorSelector=bbbbbb,{Account}",
                $"modify mailOperatorSelector=aaaaaa,{Account}", $"delete mailOperatorSelector=nnnnnn,{Account}", $"delete mailOperatorSelector=mmmmmm,{Account}"],
            done.Select(static change => string.Join(' ', change.Split(' ')[..2])));
        Assert.Contains(" mailOperatorSuspended=TRUE ", done[2]);
        Assert.Contains(" mailOperatorSuspended=FALSE ", done[4]);
        Assert.Contains(" mailOperatorService=imap ", done[4]);
    }

    [Theory]
    [InlineData($"mailOperatorSelector=aaaaaa,{Base}")]
    [InlineData("mailOperatorSelector=aaaaaa,ou=people,dc=example,dc=com")]
    public async Task Remove_EntryThatIsNotUnderItsMailbox_LeavesItsParent(string dn)
    {
        _directory.Entries = [Entry(Slot("aaaaaa"), dn)];

        await _backend.RemoveAsync(Owner, Token);

        Assert.Equal([$"delete {dn}", $"delete {Account}"], _directory.Changes);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("99999999999")]
    public async Task Place_ThatIsNone_IsSaidWithTheEntry(string place)
    {
        Slot chosen = Slot("aaaaaa") with { IsChosen = true };
        LdapEntry entry = Entry(chosen, $"mailOperatorPlace={place},{Account}", place);
        _directory.Entries = [entry];

        foreach (Func<Task> call in (Func<Task>[])[() => _backend.ListAsync(Owner, Token), () => _backend.ApplyAsync(new SlotChange(Owner, [chosen], []), Token)])
        {
            MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(call);

            Assert.Equal(BackendFailure.Rejected, e.Failure);
            Assert.Contains($"{entry.Dn} of the directory holds what no operator writes: mailOperatorPlace is no place", e.Message);
        }
    }

    [Theory]
    [InlineData("the class is missing", "it says \"the class is missing\".")]
    [InlineData($"value {Hash} is weak", "its words are not shown")]
    public async Task Refusal_WithWords_QuotesThemUnlessTheyHoldAHash(string says, string told)
    {
        _directory.Judge = change => change.StartsWith("add mailOperatorSelector", StringComparison.Ordinal) ? (LdapCode.ObjectClassViolation, says) : (LdapCode.Success, "");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => _backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token));

        Assert.Contains(told, e.Message);
        Assert.DoesNotContain(Hash, e.ToString());
    }

    private static Slot Slot(string selector) => new()
    {
        Owner = Owner,
        Selector = selector,
        Mailbox = "a@example.com",
        Hash = Hash,
        IssuedAt = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero),
        Restrictions = new SlotRestrictions { DeviceName = "shop/a", Protocols = [MailProtocol.IMAP] },
    };

    private static Slot Suspended(string selector) => Slot(selector) with { Restrictions = Slot(selector).Restrictions with { IsSuspended = true } };

    private static LdapEntry Entry(Slot slot, string? dn = null, string? place = null)
    {
        Dictionary<string, IReadOnlyList<string>> attributes = SlotEntry.Attributes(slot, place is null ? null : 1, policy: null);
        attributes[SlotEntry.Place] = place is null ? [] : [place];
        return new LdapEntry(dn ?? $"mailOperatorSelector={slot.Selector},{Account}", attributes.Where(static one => one.Value.Count > 0).ToDictionary());
    }
}
