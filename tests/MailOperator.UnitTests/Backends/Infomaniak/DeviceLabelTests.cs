using MailOperator.Backends;
using MailOperator.Backends.Infomaniak;

namespace MailOperator.UnitTests.Backends.Infomaniak;

/// <summary>A label identifies the slot, whatever people call their devices.</summary>
public sealed class DeviceLabelTests
{
    private static readonly SlotOwner Owner =
        new("5d3f6c6e-0d0b-4c52-8a57-4a8b1f6f7d10", "8d1f6c6e-0d0b-4c52-8a57-4a8b1f6f7d11");

    [Theory]
    [InlineData("Grafana alerts")]
    [InlineData("")]
    [InlineData("x [mailoperator other/uid:abcdef]")]
    [InlineData("[mailoperator other/uid:abcdef retained]")]
    [InlineData("] retained")]
    [InlineData("Zürich 📱")]
    public void Label_OfAnyName_IsReadAsItWasWritten(string name)
    {
        foreach (bool isRetained in new[] { true, false })
        {
            var label = new DeviceLabel(name, Owner, "abc123", isRetained);

            Assert.Equal(label, DeviceLabel.Parse(label.ToString()));
        }
    }

    [Fact]
    public void Label_OfTheLongestName_FitsWithAndWithoutTheNoteAndIsNotCut()
    {
        string name = new('n', 150); // the longest name of a device with an issued password

        Assert.Equal(DeviceLabel.MaxLength, new DeviceLabel(name, Owner, "abc123", true).ToString().Length);
        Assert.Equal(name, DeviceLabel.Parse(new DeviceLabel(name, Owner, "abc123", true).ToString())!.Name);
        Assert.Equal(name, DeviceLabel.Parse(new DeviceLabel(name, Owner, "abc123", false).ToString())!.Name);
    }

    [Theory]
    [InlineData("📱")]
    [InlineData("n📱")]
    [InlineData(" n")]
    public void Label_OfALongName_IsCutBetweenCharacters(string pattern)
    {
        string name = string.Concat(Enumerable.Repeat(pattern, 255));
        string plain = new DeviceLabel(name, new SlotOwner(new string('i', 64), Owner.DeviceUid), "abc123", false)
            .ToString();
        string retained = new DeviceLabel(name, new SlotOwner(new string('i', 64), Owner.DeviceUid), "abc123", true)
            .ToString();

        Assert.InRange(retained.Length, DeviceLabel.MaxLength - 3, DeviceLabel.MaxLength);
        Assert.DoesNotContain('\ufffd', string.Concat(plain.EnumerateRunes()));
        // Otherwise it would be renamed without need.
        Assert.Equal(DeviceLabel.Parse(plain)!.Name, DeviceLabel.Parse(retained)!.Name);
    }

    [Fact]
    public void Label_OfHalfACharacter_CanBeSent() =>
        Assert.Equal("a\ufffd", DeviceLabel.Parse(new DeviceLabel("a\ud83d", Owner, "abc123", false).ToString())!.Name);

    [Theory]
    [InlineData("Ada's phone")]
    [InlineData("x [mailoperator uid:abcdef]")]
    [InlineData("x [mailoperator a/b:abcde]")]
    [InlineData("x [mailoperator a/b:ABCDEF]")]
    [InlineData("x [mailoperator a/b:abcdef] and more")]
    [InlineData("x [mailoperator a/b:abcdef]\n")]
    [InlineData("x[mailoperator a/b:abcdef]")]
    [InlineData("x [mailoperator a/b:abcdef gone]")]
    [InlineData("x [mailoperator /b:abcdef]")]
    public void Label_OfPeople_IsNone(string label) => Assert.Null(DeviceLabel.Parse(label));
}
