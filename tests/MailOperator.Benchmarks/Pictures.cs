using MailOperator.Benchmarks.Figures;

namespace MailOperator.Benchmarks;

/// <summary>The pictures of a run as files.</summary>
internal static class Pictures
{
    public static void Write(IEnumerable<Plot> plots, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (Plot plot in plots)
        {
            File.WriteAllText(Path.Combine(folder, $"{plot.Name}.svg"), SvgPicture.Of(plot));
        }
    }

    /// <summary>Shows them on a page in docs.</summary>
    public static string Markdown(IEnumerable<Plot> plots) =>
        string.Concat(plots.Select(static plot => $"\n![{plot.Title}](pictures/{plot.Name}.svg)\n"));
}
