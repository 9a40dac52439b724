using System.Text;
using CsCheck;
using MailOperator.SecretTemplates;

namespace MailOperator.UnitTests.Fuzzing;

/// <summary>Templates as tenants write them: a text of bounded length, or a problem in words.</summary>
[Trait(Fuzz.Trait, Fuzz.Kind)]
public sealed class TemplateFuzzTests
{
    private const string Target = "templates";

    private static readonly Dictionary<string, string> Values = new()
    {
        ["host"] = "mail.example.com",
        ["port"] = "993",
        ["password"] = "p\"<&'{{ host }}\u2028\0é😀",
        ["username"] = "",
    };

    private static readonly Gen<byte[]> Templates = ByteEdits.Of(
        Fuzz.Corpus(Target),
        "{{", "}}", "{%", "%}", "{{ host }}", "{{ password | json }}", "{% if host %}", "{% endif %}", "{% else %}",
        "{% unless port == '993' %}", "{% endunless %}", "{% case host %}", "{% when 'a' %}", "{% endcase %}",
        "{% raw %}",
        "{% endraw %}", "{% comment %}", "{% endcomment %}", " | ", "append: ", "replace: '', 'x'", "split: ''",
        "first",
        "last", "base64_encode", "url_encode", "escape", "default: ", "'", "\"", ".", "[0]", "[", "]", "(1..9)", "(",
        ")",
        "99999999999999999999999999999999", "-1", "1.5e400", "nil", "true", "empty", "blank", "and", "or",
        "contains", "==",
        "<", "{%-", "-%}", "{{ .host }}", "{{ $x }}", "{% for a in host %}", "{% assign a = 1 %}", "{% include 'x' %}",
        "{% liquid\n", "{%#", "{% # %}", "\n", "host.size", "forloop", "::", ",", ":");

    [Fact]
    public void Templates_OfAnyText_RenderOrAreRefusedInWords() => Fuzz.Run(Target, Templates, static bytes =>
    {
        // Mutants: a filter or tag that is not bounded, an exception of the library, a text that is not kept as it is.
        string text = Encoding.UTF8.GetString(bytes);
        if (!SecretTemplate.TryParse(text, Values.Keys, out SecretTemplate? template, out string? problem))
        {
            Assert.True(text.Contains('{') || text.Length > SecretTemplate.MaxTemplateLength, "it has no mark");
            MachineWords.AssertNoneIn(problem, text);
            Assert.DoesNotContain('\n', problem);
            return;
        }

        try
        {
            byte[] rendered = template.Render(Values);
            Assert.InRange(Encoding.UTF8.GetCharCount(rendered), 0, SecretTemplate.MaxTextLength);
            Assert.Equal(rendered, template.Render(Values));
            if (!text.Contains('{'))
            {
                Assert.Equal(text, Encoding.UTF8.GetString(rendered));
            }
        }
        catch (TextTooLongException e)
        {
            MachineWords.AssertNoneIn(e.Message);
        }
    });
}
