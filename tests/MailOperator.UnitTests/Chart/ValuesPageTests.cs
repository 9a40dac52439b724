using MailOperator.Tests;

namespace MailOperator.UnitTests.Chart;

public sealed class ValuesPageTests
{
    private const string Begin = "<!-- values:begin, made from values.yaml by the unit tests with UPDATE_DOCS=1 -->\n";
    private const string End = "<!-- values:end -->\n";

    private static readonly string Folder = Repository.Path("charts", "mail-operator");

    [Fact]
    public void Readme_OfTheChart_HasTheValuesWithTheirDefaultsAndComments()
    {
        string file = Path.Combine(Folder, "README.md"), values = Path.Combine(Folder, "values.yaml");
        string page = File.ReadAllText(file);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = page.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, $"{file} has lost the comments around its table.");

        string table = ValuesPage.Table(File.ReadAllLines(values), YamlJson.ReadAll(values).Single());
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, page[..begin] + table + page[end..]);
            page = File.ReadAllText(file);
        }

        Assert.Equal(table, page[begin..page.IndexOf(End, StringComparison.Ordinal)]);
    }

    [Fact]
    public void Table_OfValues_HasPathsDefaultsExamplesAndGroups()
    {
        const string text =
            """
            # Number | of pods.
            replicas: 1
            # The relay.
            smtp:
              # Its name, such as
              #   relay.example.com
              host: "a"
              security: TLS
            """;

        Assert.Equal(
            """
            | value | default | meaning |
            |---|---|---|
            | `replicas` | `1` | Number \| of pods. |
            | `smtp` |  | The relay. |
            | `smtp.host` | `"a"` | Its name, such as `relay.example.com` |

            """,
            ValuesPage.Table(text.Split('\n'), YamlJson.Parse(text)!.AsObject()));
    }
}
