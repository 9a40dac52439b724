using MailOperator.Backends;
using MailOperator.Tests.Infomaniak;

namespace MailOperator.UnitTests.Backends.Infomaniak;

/// <summary>The token from the Secret.</summary>
public sealed class InfomaniakTokenTests : InfomaniakRig
{
    [Fact]
    public async Task Token_ChangedInTheSecret_IsUsedAtOnceWhereTheOldOneIsRefused()
    {
        Secret["token"] = "an-old-token";
        Assert.Equal(BackendFailure.Unauthorized, (await FailureAsync(() => View.ListAsync(Owner, Token))).Failure);
        Secret["token"] = InfomaniakServer.Token;

        await IssueAsync(Slot("abcdef"));

        Assert.Single(Made());
    }

    [Fact]
    public async Task Token_ThatTwoCallsWereRefusedWith_IsTheNewOneForBoth()
    {
        // Mutant: the second finds the token that the first has already read, and gives up.
        Secret["token"] = "an-old-token";
        bool isFirst = true;
        Fault = _ =>
        {
            if (isFirst)
            {
                isFirst = false;
                Secret["token"] = InfomaniakServer.Token;
                // Is refused, and reads the Secret.
                Task.Run(() => For(Other).ListAsync(Owner, Token), Token).GetAwaiter().GetResult();
            }

            return null;
        };

        Assert.Empty(await View.ListAsync(Owner, Token));
        Assert.Equal(4, Count("GET"));
    }

    [Theory]
    [InlineData(null, "needs the key 'token'")]
    [InlineData("two words", "an invalid character")]
    public async Task Token_ThatIsNone_IsSaid(string? token, string says)
    {
        Secret.Clear();
        if (token is not null)
        {
            Secret["token"] = token;
        }

        MailBackendException e = await FailureAsync(() => View.ListAsync(Owner, Token));

        Assert.Equal(BackendFailure.Unauthorized, e.Failure);
        Assert.Contains(says, e.Message);
        Assert.Contains("mail-operator/infomaniak", e.Message);
        Assert.Empty(Requests);
    }
}
