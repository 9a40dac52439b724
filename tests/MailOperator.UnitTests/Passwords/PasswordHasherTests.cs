using System.Text;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.Passwords;

public sealed class PasswordHasherTests
{
    private const int WorkFactor = 4;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hash_Twice_HasAnotherSaltEachTime()
    {
        using var hasher = new PasswordHasher(1);
        using AppPassword password = Make("k7f3q2SecretSecret");

        Assert.NotEqual(
            await hasher.HashAsync(password, WorkFactor, Token), await hasher.HashAsync(password, WorkFactor, Token));
    }

    [Theory]
    [InlineData(4, "$2y$04$")]
    [InlineData(5, "$2y$05$")]
    public async Task Hash_WorkFactor_IsInTheHash(int workFactor, string start)
    {
        using var hasher = new PasswordHasher(1);
        using AppPassword password = Make("k7f3q2SecretSecret");

        Assert.StartsWith(start, await hasher.HashAsync(password, workFactor, Token));
    }

    [Fact]
    public async Task Verify_LongestPassword_CountsItsLastCharacter()
    {
        // bcrypt reads 72 bytes. Mutants: allow a longer password, whose end does not count; spend a byte on a closing
        // zero.
        using var hasher = new PasswordHasher(1);
        string text = "k7f3q2" + new string('x', AppPassword.MaxLength - 6);
        using AppPassword password = Make(text), other = Make(text[..^1] + "y");
        string hash = await hasher.HashAsync(password, WorkFactor, Token);

        Assert.True(await hasher.VerifyAsync(password, hash, Token));
        Assert.False(await hasher.VerifyAsync(other, hash, Token));
    }

    [Fact]
    public async Task Verify_HashOfAnotherProgram_IsUnderstood()
    {
        // The test vector of crypt_blowfish, which Dovecot and crypt(3) share.
        using var hasher = new PasswordHasher(1);
        using AppPassword password = Make("U*U");

        Assert.True(
            await hasher.VerifyAsync(password, "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("$2y$04$short")]
    [InlineData("$2y$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2y$xx$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe:")]
    [InlineData("$6$rounds=5000$CCCCCCCCCCCCCCC$E5YPO9kmyuRGyh0XouQYb4YMJKvyOe")]
    public async Task Verify_TextThatIsNoHash_IsFalse(string hash)
    {
        using var hasher = new PasswordHasher(1);
        using AppPassword password = Make("k7f3q2SecretSecret");

        // A damaged line must not block a device for ever.
        Assert.False(await hasher.VerifyAsync(password, hash, Token));
    }

    [Fact]
    public async Task Hash_CancelledWhileItWaits_IsNotComputedAndTheNextIs()
    {
        using var hasher = new PasswordHasher(1);
        using AppPassword password = Make("k7f3q2SecretSecret");
        using var stop = new CancellationTokenSource();
        Task<string> ahead = hasher.HashAsync(password, 8, Token);
        Task<string> cancelled = hasher.HashAsync(password, WorkFactor, stop.Token), next = hasher.HashAsync(
            password, WorkFactor, Token);
        await stop.CancelAsync();

        await ahead;
        await Record.ExceptionAsync(() => cancelled);

        Assert.NotNull(await next);
        Assert.True(cancelled.IsCanceled || cancelled.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Hash_AlreadyCancelled_IsCancelledAndNothingElse()
    {
        using var hasher = new PasswordHasher(1);
        using AppPassword password = Make("k7f3q2SecretSecret");
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => hasher.HashAsync(password, WorkFactor, stop.Token));
    }

    [Fact]
    public async Task Hash_ManyAtOnce_EachGetsItsOwn()
    {
        using var hasher = new PasswordHasher(4);
        AppPassword[] passwords = [.. Enumerable.Range(0, 40).Select(number => Make($"k7f3q2Secret{number:D6}"))];
        string[] hashes = await Task.WhenAll(
            passwords.Select(password => hasher.HashAsync(password, WorkFactor, Token)));

        bool[] own = await Task.WhenAll(
            passwords.Select((password, index) => hasher.VerifyAsync(password, hashes[index], Token)));
        bool[] others = await Task.WhenAll(
            passwords.Select((password, index) => hasher.VerifyAsync(password, hashes[(index + 1) % 40], Token)));

        Assert.All(own, Assert.True);
        Assert.All(others, Assert.False);
    }

    [Fact]
    public async Task Hash_Continuation_RunsOnAnotherThread()
    {
        // Mutant: run continuations on the hashing thread, where one that waits for another hash deadlocks.
        using var hasher = new PasswordHasher(1);
        using AppPassword password = Make("k7f3q2SecretSecret");
        Task<string> chained = hasher.HashAsync(password, WorkFactor, Token).ContinueWith(
            first => (Thread.CurrentThread.Name
                ?? "", hasher.HashAsync(password, WorkFactor, Token).GetAwaiter().GetResult()).Item1,
            Token,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

        Assert.DoesNotContain("bcrypt", await chained);
    }

    [Fact]
    public async Task Dispose_WithWorkWaiting_FinishesIt()
    {
        var hasher = new PasswordHasher(1);
        using AppPassword password = Make("k7f3q2SecretSecret");
        Task<string>[] waiting =
            [.. Enumerable.Range(0, 10).Select(_ => hasher.HashAsync(password, WorkFactor, Token))];

        hasher.Dispose();

        Assert.All(waiting, one => Assert.True(one.IsCompletedSuccessfully));
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => hasher.HashAsync(password, WorkFactor, Token));
    }

    private static AppPassword Make(string text) => new(Encoding.ASCII.GetBytes(text));
}
