using MailOperator.Tests;

namespace MailOperator.UnitTests.Crds;

public sealed class ReferencePageTests
{
    [Theory]
    [InlineData("DeviceInvitation")]
    [InlineData("MailBackend")]
    [InlineData("MailDevice")]
    [InlineData("MailUser")]
    public void Page_InTheRepository_IsRenderedFromTheCrd(string kind)
    {
        string file = Repository.Path("docs", "reference", $"{kind.ToLowerInvariant()}.md");
        string page = ReferencePage.Render(CustomResourceDefinition.OfKind(kind));

        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, page);
        }

        Assert.True(File.Exists(file), $"{file} is missing; create it with UPDATE_DOCS=1.");
        Assert.Equal(page, File.ReadAllText(file));
    }
}
