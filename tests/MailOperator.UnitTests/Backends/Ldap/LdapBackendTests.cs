using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Ldap;
using MailOperator.Backends.Ldap.Protocol;
using MailOperator.Tests;

namespace MailOperator.UnitTests.Backends.Ldap;

/// <summary>
/// What is hard to provoke in a real directory: refusals in the middle of a change, and entries that others wrote.
/// </summary>
public sealed class LdapBackendTests : IAsyncDisposable
{
    private const string Base = "ou=app-passwords,dc=example,dc=com";
    private const string Account = $"mailOperatorMailbox=a@example.com,{Base}";
    private const string Hash = "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

    private static readonly SlotOwner Owner = new("one", "d1");

    private readonly ScriptedDirectory _directory = new();
    private readonly LdapBackend _backend;

    public LdapBackendTests() =>
        _backend = (LdapBackend)new LdapDriver(
            new GivenSecret(new() { ["username"] = "cn=op", ["password"] = "the-password-of-the-operator" }))
            .Create(new MailBackendSpec
            {
                Ldap = new LdapSpec
                {
                    Url = $"ldap://127.0.0.1:{_directory.Port}",
                    BaseDN = Base,
                    Tls = LdapTls.Disabled,
                    BindSecret = new ObjectReference { Name = "ldap" },
                },
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
        // Mutant: entries in another directory count as missing.
        _directory.Entries = [Entry(Slot("aaaaaa"))];
        _directory.IsPart = true;

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => _backend.ListAsync(Owner, Token));

        Assert.Equal(
            (BackendFailure.Rejected, true),
            (e.Failure, e.Message.Contains("refers to another directory", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Apply_ReplacementRefused_UndoesWhatWasDoneAndSaysTheRefusal()
    {
        // Mutants: earlier additions or changes stay; a failed undo stops the others, or replaces the refusal.
        _directory.Entries = [Entry(Slot("aaaaaa")), Entry(Slot("bbbbbb"))];
        _directory.Judge = static change =>
            change.StartsWith($"modify mailOperatorSelector=bbbbbb,{Account} ", StringComparison.Ordinal)
                    ? (LdapCode.InsufficientAccessRights, "")
                : change == $"delete mailOperatorSelector=nnnnnn,{Account}" ? (LdapCode.NoSuchObject, "")
                : (LdapCode.Success, "");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => _backend.ApplyAsync(
            new SlotChange(Owner, [Slot("mmmmmm"), Slot("nnnnnn"), Suspended("aaaaaa"), Suspended("bbbbbb")], []),
            Token));

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        string[] done = [.. _directory.Changes];
        Assert.Equal(
            [ $"add mailOperatorSelector=mmmmmm,{Account}", $"add mailOperatorSelector=nnnnnn,{Account}",
                $"modify mailOperatorSelector=aaaaaa,{Account}", $"modify mailOperatorSelector=bbbbbb,{Account}",
                $"modify mailOperatorSelector=aaaaaa,{Account}", $"delete mailOperatorSelector=nnnnnn,{Account}",
                $"delete mailOperatorSelector=mmmmmm,{Account}"],
            done.Select(static change => string.Join(' ', change.Split(' ')[..2])));
        Assert.Contains(" mailOperatorSuspended=TRUE ", done[2]);
        Assert.Contains(" mailOperatorSuspended=FALSE ", done[4]);
        Assert.Contains(" mailOperatorService=imap ", done[4]);
    }

    [Theory]
    [InlineData("InsufficientAccessRights", "right to write")]
    [InlineData("NotAllowedOnNonLeaf", $"mailOperatorSelector=cccccc,{Account} cannot be deleted")]
    public async Task Apply_DeletionRefused_UndoesWhatWasDoneAndSaysTheRefusal(string code, string told)
    {
        // Mutants: earlier puts or deletions stay; an entry that somebody else deleted meanwhile comes back.
        _directory.Entries = [Entry(Slot("aaaaaa")), Entry(Slot("bbbbbb")), Entry(Slot("cccccc"))];
        _directory.Judge = change => change == $"delete mailOperatorSelector=cccccc,{Account}"
                ? (Enum.Parse<LdapCode>(code), "")
            : change == $"delete mailOperatorSelector=bbbbbb,{Account}" ? (LdapCode.NoSuchObject, "")
            : (LdapCode.Success, "");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => _backend.ApplyAsync(
            new SlotChange(Owner, [Slot("mmmmmm")], ["aaaaaa", "bbbbbb", "cccccc"]), Token));

        Assert.Contains(told, e.Message);
        Assert.Equal(
            [ $"add {Account}", $"add mailOperatorSelector=mmmmmm,{Account}",
                $"delete mailOperatorSelector=aaaaaa,{Account}", $"delete mailOperatorSelector=bbbbbb,{Account}",
                $"delete mailOperatorSelector=cccccc,{Account}", $"add mailOperatorSelector=aaaaaa,{Account}",
                $"delete mailOperatorSelector=mmmmmm,{Account}", $"delete {Account}"],
            _directory.Changes);
    }

    [Fact]
    public async Task Remove_OneOfThemRefused_RemovesTheOthersAndSaysTheRefusal()
    {
        // Mutant: a password that cannot be removed keeps the others alive, or is reported as removed.
        _directory.Entries = [Entry(Slot("aaaaaa")), Entry(Slot("bbbbbb"))];
        _directory.Judge = static change => change == $"delete mailOperatorSelector=aaaaaa,{Account}"
            ? (LdapCode.NotAllowedOnNonLeaf, "")
            : (LdapCode.Success, "");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => _backend.RemoveAsync(Owner, Token));

        Assert.Contains($"mailOperatorSelector=aaaaaa,{Account} cannot be deleted", e.Message);
        Assert.Contains($"delete mailOperatorSelector=bbbbbb,{Account}", _directory.Changes);
    }

    [Theory]
    [InlineData("TRUE")]
    [InlineData(null)]
    public async Task Nothing_FoundInADirectoryThatIsNotEmpty_IsAnError(string? hasSubordinates)
    {
        // Mutant: entries that are hidden from the operator count as revoked.
        _directory.HasSubordinates = hasSubordinates;

        foreach (Func<Task> call in (Func<Task>[])[
            () => _backend.ListAsync(Owner, Token),
            () => _backend.ApplyAsync(new SlotChange(Owner, [], ["aaaaaa"]), Token),
            () => _backend.RemoveAsync(Owner, Token)])
        {
            MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(call);

            Assert.Equal(BackendFailure.Rejected, e.Failure);
            Assert.Contains($"below {Base}", e.Message);
            Assert.Contains("right to read them all", e.Message);
        }
    }

    [Fact]
    public async Task Entry_WithoutWhatTheSchemaHasIt_IsSaidToBeHiddenAndCanBeRemoved()
    {
        // Mutants: a missing right is reported as an edited entry, to be deleted; a hidden selector counts as revoked.
        foreach (string attribute in SlotEntry.Required)
        {
            LdapEntry whole = Entry(Slot("aaaaaa"));
            _directory.Entries =
                [whole with { Attributes = whole.Attributes.Where(one => one.Key != attribute).ToDictionary() }];

            foreach (Func<Task> call in (Func<Task>[])[() => _backend.ListAsync(Owner, Token), () =>
                _backend.ApplyAsync(new SlotChange(Owner, [], ["aaaaaa"]), Token)])
            {
                MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(call);

                Assert.Contains(
                    $"{whole.Dn} without its {attribute}; give the operator's entry the right to read", e.Message);
            }

            Assert.Empty(_directory.Changes);
            await _backend.RemoveAsync(Owner, Token);
            Assert.Contains($"delete {whole.Dn}", _directory.Changes);
            _directory.Changes.Clear();
        }
    }

    [Fact]
    public void Required_IsWhatTheSchemaSays()
    {
        string schema = File.ReadAllText(Repository.Path("operator", "Backends", "Ldap", "Schema", "openldap-1.ldif"));
        string must = schema[(schema.LastIndexOf("MUST (", StringComparison.Ordinal) + 6)..schema.LastIndexOf(
            "MAY", StringComparison.Ordinal)];

        Assert.Equal(must.Split([' ', '\n', '$', ')'], StringSplitOptions.RemoveEmptyEntries), SlotEntry.Required);
    }

    [Theory]
    [InlineData("TimeLimitExceeded")]
    [InlineData("SizeLimitExceeded")]
    [InlineData("AdminLimitExceeded")]
    public async Task List_EndedByALimit_NamesTheSetting(string limit)
    {
        _directory.Entries = [Entry(Slot("aaaaaa"))];
        _directory.SearchEnd = Enum.Parse<LdapCode>(limit);

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => _backend.ListAsync(Owner, Token));

        Assert.Equal(
            (BackendFailure.Rejected, true), (e.Failure, e.Message.Contains("olcLimits", StringComparison.Ordinal)));
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

        foreach (Func<Task> call in (Func<Task>[])[() => _backend.ListAsync(Owner, Token), () =>
            _backend.ApplyAsync(new SlotChange(Owner, [chosen], []), Token)])
        {
            MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(call);

            Assert.Equal(BackendFailure.Rejected, e.Failure);
            Assert.Contains(
                $"{entry.Dn} of the directory was not written by an operator: mailOperatorPlace is not a place",
                e.Message);
        }
    }

    [Theory]
    [InlineData("the class is missing", "it says \"the class is missing\".")]
    [InlineData($"value {Hash} is weak", "its words are not shown")]
    public async Task Refusal_WithWords_QuotesThemUnlessTheyHoldAHash(string says, string told)
    {
        _directory.Judge = change => change.StartsWith("add mailOperatorSelector", StringComparison.Ordinal)
            ? (LdapCode.ObjectClassViolation, says)
            : (LdapCode.Success, "");

        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(
            () => _backend.ApplyAsync(new SlotChange(Owner, [Slot("aaaaaa")], []), Token));

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

    private static Slot Suspended(string selector) =>
        Slot(selector) with { Restrictions = Slot(selector).Restrictions with { IsSuspended = true } };

    private static LdapEntry Entry(Slot slot, string? dn = null, string? place = null)
    {
        Dictionary<string, IReadOnlyList<string>> attributes = SlotEntry.Attributes(
            slot, place is null ? null : 1, policy: null);
        attributes[SlotEntry.Place] = place is null ? [] : [place];
        return new LdapEntry(
            dn ?? $"mailOperatorSelector={slot.Selector},{Account}",
            attributes.Where(static one => one.Value.Count > 0).ToDictionary());
    }
}
