using System.Text;
using CsCheck;
using MailOperator.Integrity;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>Passwords that are kept, encrypted, until the mail server was seen to refuse them.</summary>
public sealed class PasswordSealTests
{
    private static readonly PasswordSeal Ours = new([.. Enumerable.Repeat((byte)1, 32)]);

    [Fact]
    public void Open_SealedPassword_ReturnsIt() =>
        Gen.Byte.Array[AppPassword.MinLength, AppPassword.MaxLength].Sample(static bytes =>
        {
            using var password = new AppPassword([.. bytes]);
            string ciphertext = Ours.Seal("uid-a", "aaaaaa", password);
            using AppPassword? opened = Ours.Open("uid-a", "aaaaaa", ciphertext);
            return opened is not null && opened.Bytes.SequenceEqual(bytes);
        }, iter: 300);

    [Fact]
    public void Seal_Password_IsNotReadable()
    {
        using var password = new AppPassword(Encoding.ASCII.GetBytes("aaaaaaSecretSecretSecret"));

        string ciphertext = Ours.Seal("uid-a", "aaaaaa", password);

        Assert.DoesNotContain("SecretSecret", Encoding.Latin1.GetString(Convert.FromHexString(ciphertext)));
        // Otherwise one could see that a password is used again.
        Assert.NotEqual(ciphertext, Ours.Seal("uid-a", "aaaaaa", password));
    }

    [Fact]
    public void Open_AnythingElse_ReturnsNull()
    {
        // Mutants: the ciphertext is bound to no device or credential, so whoever copies the annotation has the
        // password of another device tried; an exception ends the whole pass.
        using var password = new AppPassword(Encoding.ASCII.GetBytes("aaaaaaSecretSecretSecret"));
        string ciphertext = Ours.Seal("uid-a", "aaaaaa", password);

        Assert.Null(Ours.Open("uid-b", "aaaaaa", ciphertext));
        Assert.Null(Ours.Open("uid-a", "bbbbbb", ciphertext));
        Assert.Null(new PasswordSeal([.. Enumerable.Repeat((byte)2, 32)]).Open("uid-a", "aaaaaa", ciphertext));
        foreach (string text in (string[])["", "0", "zz", "00ff", ciphertext[2..], ciphertext
            + "00", ciphertext[..^2] + (ciphertext.EndsWith("00", StringComparison.Ordinal) ? "01" : "00")])
        {
            Assert.Null(Ours.Open("uid-a", "aaaaaa", text));
        }
    }
}
