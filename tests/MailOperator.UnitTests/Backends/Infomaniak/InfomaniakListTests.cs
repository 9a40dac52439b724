using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Passwords;
using MailOperator.Tests.Infomaniak;

namespace MailOperator.UnitTests.Backends.Infomaniak;

/// <summary>How the driver reads the list of a mailbox's slots, page by page.</summary>
public sealed class InfomaniakListTests : InfomaniakRig
{
    [Fact]
    public async Task List_OtherOwnersAndPeople_AreNotShown()
    {
        await IssueAsync(Slot("aaaaaa"));
        await IssueAsync(Slot("bbbbbb") with { Owner = Owner with { DeviceUid = "uid-2" } });

        Assert.Equal(["aaaaaa"], (await View.ListAsync(Owner, Token)).Select(static slot => slot.Selector));
        Assert.Equal(
            ["aaaaaa", "bbbbbb"],
            (await View.ListAllAsync("cluster", Token)).Select(static slot => slot.Selector).Order());
        Assert.Empty(await For(Other).ListAsync(Owner, Token));
    }

    [Fact]
    public async Task List_MoreThanAPage_IsAllOfIt()
    {
        // Mutant: reads the first page only.
        const int Accesses = 130;
        for (int number = 0; number < Accesses; number++)
        {
            Hosting.Create(
                "alerts", "imap", new DeviceLabel($"App {number}", Owner, $"aaa{number:D3}", false).ToString(), null,
                null, null, null);
        }

        Assert.Equal(Accesses, (await View.ListAsync(Owner, Token)).Count);
        Assert.Equal(4, Count("GET")); // two pages, read twice
    }

    [Fact]
    public async Task List_PagesThatAreLarge_EndsAtTheBoundOverAllOfThem()
    {
        // Mutant: bounds each page only, so that a hundred pages of 4 MB are read.
        await IssueAsync(Slot("abcdef"));
        int before = Count("GET");
        int page = 0;
        Fault = request => request.StartsWith("GET", StringComparison.Ordinal)
            ? Says($$$"""
                {"result":"success","total":9,"pages":100,"padding":"{{{new string('x', 3 << 20)}}}","data":[
                {"id":{{{++page}}},"created_at":1,"mailbox":{"mailbox":"a@example.com"},
                "device":{"id":{{{page}}},"label":"A","type":"phone"}}]}
                """)
            : null;
        Clock.Advance(TimeSpan.FromMinutes(1));
        MailBackendException e = await Assert.ThrowsAsync<MailBackendException>(() => View.ListAsync(Owner, Token));

        Assert.Contains("MiB over its pages", e.Message);
        Assert.InRange(Count("GET") - before, 3, 6);
    }

    [Theory]
    [InlineData("healthy", null)]
    [InlineData("leaked", SlotAlarm.Leaked)]
    [InlineData("spam", SlotAlarm.SendsSpam)]
    internal async Task List_StatusAndLastConnection_AreTold(string status, SlotAlarm? alarm)
    {
        await IssueAsync(Slot("abcdef"));
        InfomaniakAccess made = MadeOne();
        (made.Status, made.LastConnection) = (status, DateTimeOffset.FromUnixTimeSeconds(1_795_521_600));

        Slot slot = Assert.Single(await View.ListAsync(Owner, Token));

        Assert.Equal((alarm, DateTimeOffset.FromUnixTimeSeconds(1_795_521_600)), (slot.Alarm, slot.LastUsedAt));
    }

    [Fact]
    public async Task Remove_WhereADeletionMovesTheListMeanwhile_IsNoSuccess()
    {
        // Mutant: the slot is on no page that was read, and counts as gone although its password works.
        await IssueAsync(Slot("abcdef", Other));
        for (int number = 0; number < 99; number++)
        {
            // With Ada's, 100 come before the slot.
            Hosting.Create("info", "imap", $"A{number:D2}", null, null, null, null);
        }

        for (int number = 0; number < 49; number++)
        {
            Hosting.Create("info", "imap", $"Z{number:D2}", null, null, null, null);
        }

        InfomaniakAccess early = Made().Single(static access => access.Device.Label == "A05");
        int looks = 0;
        Fault = request =>
        {
            if (request.StartsWith("GET", StringComparison.Ordinal) && ++looks == 2)
            {
                Hosting.Delete("info", early.Id);
            }

            return null;
        };

        MailBackendException e = await FailureAsync(() => For(Other).RemoveAsync(Owner, Token));
        Assert.Equal(
            (BackendFailure.Unavailable, true),
            (e.Failure, e.Message.Contains("changed while it was read", StringComparison.Ordinal)));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await For(Other).RemoveAsync(Owner, Token);

        Assert.Equal(147, Made().Length);
        Assert.DoesNotContain(Made(), static access => DeviceLabel.Parse(access.Device.Label) is not null);
    }

    [Fact]
    public async Task Remove_NothingThere_HasTheNextLookAskAgain()
    {
        // Mutant: a second look, to be sure, gets the list of the first.
        await View.ListAsync(Owner, Token);
        await View.RemoveAsync(Owner, Token);

        Assert.Empty(await View.ListAsync(Owner, Token));

        Assert.Equal(3, Count("GET"));
    }

    [Fact]
    public async Task List_AgainWithinAMoment_AsksOnceUntilSomethingChanges()
    {
        // Mutants: a reconcile that looks three times spends three requests; an older list hides a change.
        await View.ListAsync(Owner, Token);
        await View.ListAsync(Owner with { DeviceUid = "uid-2" }, Token);
        Assert.Equal(1, Count("GET"));

        // Reads the list itself, so it is recent.
        using AppPassword password = await View.Issuer!.IssueAsync(Slot("abcdef"), Token);
        Assert.Single(await View.ListAsync(Owner, Token));
        Assert.Equal(2, Count("GET"));
        await View.ApplyAsync(new SlotChange(Owner, [], ["abcdef"]), Token);
        Assert.Empty(await View.ListAsync(Owner, Token));
        Assert.Equal(4, Count("GET"));

        Clock.Advance(RecentLists.Age);
        await View.ListAsync(Owner, Token);
        Assert.Equal(5, Count("GET"));
    }

    [Fact]
    public async Task Probe_ListsNoSlotsAndAsksForNoMailbox()
    {
        Assert.Empty(await Backend.ListAllAsync("cluster", Token));
        Assert.Equal(["GET /1/mail_hostings/accesses/devices"], Requests);
        Assert.False(Backend.Capabilities.HasFlag(BackendCapabilities.List));
    }
}
