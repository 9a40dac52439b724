using System.Text;
using CsCheck;
using MailOperator.Integrity;
using MailOperator.Passwords;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>Passwords that are kept until the mail server was seen to refuse them.</summary>
public sealed class PasswordSealTests
{
    private static readonly PasswordSeal Ours = new([.. Enumerable.Repeat((byte)1, 32)]);

    [Fact]
    public void Open_WhatWasSealed_IsThePassword() =>
        Gen.Byte.Array[AppPassword.MinLength, AppPassword.MaxLength].Sample(static bytes =>
        {
            using var password = new AppPassword([.. bytes]);
            string box = Ours.Seal("uid-a", "aaaaaa", password);
            using AppPassword? opened = Ours.Open("uid-a", "aaaaaa", box);
            return opened is not null && opened.Bytes.SequenceEqual(bytes);
        }, iter: 300);

    [Fact]
    public void Seal_ThePassword_IsNotReadableInIt()
    {
        using var password = new AppPassword(Encoding.ASCII.GetBytes("aaaaaaSecretSecretSecret"));

        string box = Ours.Seal("uid-a", "aaaaaa", password);

        Assert.DoesNotContain("SecretSecret", Encoding.Latin1.GetString(Convert.FromHexString(box)));
        Assert.NotEqual(box, Ours.Seal("uid-a", "aaaaaa", password)); // or one could see that a password came back
    }

    [Fact]
    public void Open_AnythingElse_IsNothing()
    {
        // Mutants: not bound to the device or the credential, so that whoever copies the annotation has another's password
        // tried; an exception that stops the whole pass.
        using var password = new AppPassword(Encoding.ASCII.GetBytes("aaaaaaSecretSecretSecret"));
        string box = Ours.Seal("uid-a", "aaaaaa", password);

        Assert.Null(Ours.Open("uid-b", "aaaaaa", box));
        Assert.Null(Ours.Open("uid-a", "bbbbbb", box));
        Assert.Null(new PasswordSeal([.. Enumerable.Repeat((byte)2, 32)]).Open("uid-a", "aaaaaa", box));
        foreach (string text in (string[])["", "0", "zz", "00ff", box[2..], box + "00", box[..^2] + (box.EndsWith("00", StringComparison.Ordinal) ? "01" : "00")])
        {
            Assert.Null(Ours.Open("uid-a", "aaaaaa", text));
        }
    }
}
