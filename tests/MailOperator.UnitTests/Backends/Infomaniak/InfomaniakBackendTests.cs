using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;
using MailOperator.Tests.Infomaniak;

namespace MailOperator.UnitTests.Backends.Infomaniak;

/// <summary>The driver at a server that works as its API is described.</summary>
public sealed class InfomaniakBackendTests : InfomaniakRig
{
    [Theory]
    [InlineData("imap", MailProtocol.IMAP, MailProtocol.SMTP)]
    [InlineData("pop3", MailProtocol.POP3, MailProtocol.SMTP)]
    [InlineData("pop3-imap", MailProtocol.IMAP, MailProtocol.POP3, MailProtocol.SMTP)]
    internal async Task Issue_Slot_IsADeviceWithAPasswordAndListedAsItWasAsked(
        string protocols, params MailProtocol[] asked)
    {
        Slot slot = Slot("abcdef");
        slot = slot with
        {
            Restrictions = slot.Restrictions with { Protocols = [.. asked] },
            Device = new DeviceDescription(DeviceType.Phone, "ada", $"{Ada.Id}"),
        };

        string password = await IssueAsync(slot);

        InfomaniakAccess made = MadeOne();
        Assert.True(Accepts(password));
        Assert.Equal((protocols, "phone", Ada), (made.Protocols, made.Device.Type, made.Device.User));
        Assert.Equal("Grafana alerts [mailoperator cluster/uid-1:abcdef]", made.Device.Label);
        Assert.Equal([slot], await View.ListAsync(Owner, Token));
        Assert.Equal([slot], await View.ListAllAsync(Owner.Instance, Token));
    }

    [Fact]
    public async Task Issue_NoUser_HasNone()
    {
        // Mutant: user_id is left out, which may mean the token's own user.
        await IssueAsync(Slot("abcdef"));

        Assert.Null(MadeOne().Device.User);
        Assert.Null(Assert.Single(await View.ListAsync(Owner, Token)).Device!.UserId);
    }

    [Fact]
    public async Task Put_NameAndRetained_ChangeTheLabelAndNothingElse()
    {
        string password = await IssueAsync(Slot("abcdef"));
        Slot slot = Slot("abcdef");
        slot = slot with { IsRetained = true, Restrictions = slot.Restrictions with { DeviceName = "Prometheus" } };

        await View.ApplyAsync(new SlotChange(Owner, [slot], []), Token);

        Assert.Equal([slot], await View.ListAsync(Owner, Token));
        Assert.Equal("Prometheus [mailoperator cluster/uid-1:abcdef retained]", MadeOne().Device.Label);
        Assert.True(Accepts(password));
    }

    [Fact]
    public async Task Put_AsItIs_WritesNothing()
    {
        await IssueAsync(Slot("abcdef"));

        await View.ApplyAsync(new SlotChange(Owner, [Slot("abcdef")], []), Token);
        await View.ApplyAsync(new SlotChange(Owner, [], []), Token);

        Assert.Equal(0, Count("PATCH"));
        Assert.Equal(2, Count("GET")); // one after the issue, one to compare
    }

    [Fact]
    public async Task Put_SlotThatIsGone_IsToldAndNothingOfTheChangeIsDone()
    {
        await IssueAsync(Slot("abcdef"));

        MailBackendException e = await FailureAsync(
            () => View.ApplyAsync(new SlotChange(Owner, [Slot("gggggg")], ["abcdef"]), Token));

        Assert.Equal(BackendFailure.Unavailable, e.Failure);
        Assert.Contains("gggggg", e.Message);
        Assert.Single(Made());
    }

    [Fact]
    public async Task Apply_RotationWithOverlap_IsTwoDevicesAndThenOne()
    {
        string old = await IssueAsync(Slot("oldold"));
        string @new = await IssueAsync(Slot("newnew"));
        Assert.True(Accepts(old) && Accepts(@new));

        await View.ApplyAsync(new SlotChange(Owner, [Slot("newnew")], ["oldold", "neverr"]), Token);

        Assert.False(Accepts(old));
        Assert.True(Accepts(@new));
    }

    [Fact]
    public async Task Put_SlotThatHasEnded_IsRemoved()
    {
        // Mutant: an ended password still works, because the API has no such state.
        string password = await IssueAsync(Slot("abcdef"));

        await View.ApplyAsync(new SlotChange(
            Owner, [Slot("abcdef") with { End = new SlotEnd(Clock.GetUtcNow(), EndsSessions: true) }], []), Token);

        Assert.False(Accepts(password));
    }

    [Fact]
    public async Task Remove_Owner_LeavesOthersAndAsksForTheEmptyDevices()
    {
        await IssueAsync(Slot("aaaaaa"));
        await IssueAsync(Slot("bbbbbb"));
        long[] devices = [.. Made().Select(static access => (long)access.Device.Id)];
        await IssueAsync(Slot("cccccc") with { Owner = Owner with { DeviceUid = "uid-2" } });

        await View.RemoveAsync(Owner, Token);
        await View.RemoveAsync(Owner, Token); // removing nothing succeeds

        Assert.Equal("uid-2", DeviceLabel.Parse(MadeOne().Device.Label)!.Owner.DeviceUid);
        // A server that keeps devices without an access deletes them now; one that does not answers 404.
        Assert.All(devices, device => Assert.Contains($"DELETE /1/mail_hostings/accesses/devices/{device}", Requests));
    }

    [Fact]
    public async Task Remove_DeviceThatPeopleGaveAnotherMailbox_LeavesThatAccess()
    {
        // Mutant: the device is deleted with the password, including its access to another mailbox.
        await IssueAsync(Slot("abcdef"));
        Hosting.Create("info", "imap", null, null, null, MadeOne().Device.Id, null);

        await View.RemoveAsync(Owner, Token);

        Assert.Equal("info", MadeOne().Mailbox);
    }

    [Fact]
    public async Task Remove_RequestThatWasRepeatedOnItsWay_RemovesBoth()
    {
        await IssueAsync(Slot("abcdef"));
        Hosting.Create("alerts", "imap", MadeOne().Device.Label, null, null, null, null);
        Assert.Single(await View.ListAsync(Owner, Token));

        await View.ApplyAsync(new SlotChange(Owner, [], ["abcdef"]), Token);

        Assert.Empty(Made());
    }

    [Fact]
    public async Task Remove_AccessThatIsGoneMeanwhile_IsASuccess()
    {
        await IssueAsync(Slot("abcdef"));
        On("DELETE", new InfomaniakFault { IsApplied = true, Status = 404, Code = "object_not_found" });

        await View.RemoveAsync(Owner, Token);
    }

    [Fact]
    public async Task Issue_MailboxOfAnotherDomain_IsTakenBackAndToldAsMissing()
    {
        // Mutant: only the part before the @ is sent, and a password for another mailbox is handed out.
        MailBackendException e = await FailureAsync(() => IssueAsync(Slot("abcdef", "alerts@other.example")));

        Assert.Equal(BackendFailure.MailboxNotFound, e.Failure);
        Assert.Contains("4711", e.Message);
        Assert.Empty(Made());
    }

    [Theory]
    [InlineData(".@example.com")]
    [InlineData("..@example.com")]
    public async Task Path_ThatWouldLeadElsewhere_IsNotAsked(string mailbox)
    {
        Assert.Equal(
            BackendFailure.MailboxNotFound, (await FailureAsync(() => For(mailbox).RemoveAsync(Owner, Token))).Failure);
        Assert.Equal(
            BackendFailure.MailboxNotFound, (await FailureAsync(() => For(mailbox).ListAsync(Owner, Token))).Failure);
        Assert.Empty(Requests);
    }
}
