using System.Collections;
using System.Text;
using QRCoder;

namespace MailOperator.Portal.Pages;

/// <summary>Draws a QR code as one SVG path. No style attributes: the Content-Security-Policy forbids them.</summary>
internal static class QrCode
{
    public static Html Svg(string text)
    {
        using var generator = new QRCodeGenerator();
        using QRCodeData data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var path = new StringBuilder();
        for (int row = 0; row < data.ModuleMatrix.Count; row++)
        {
            AppendRow(path, data.ModuleMatrix[row], row);
        }

        int size = data.ModuleMatrix.Count;
        return Html.Of($"""
            <svg viewBox="0 0 {size} {size}" role="img" aria-label="QR" shape-rendering="crispEdges"><path
            fill="#000" d="{path.ToString()}"/></svg>
            """);
    }

    private static void AppendRow(StringBuilder path, BitArray modules, int row)
    {
        for (int start = 0; start < modules.Count; start++)
        {
            int end = start;
            while (end < modules.Count && modules[end])
            {
                end++;
            }

            if (end > start)
            {
                path.Append($"M{start} {row}h{end - start}v1h-{end - start}z");
                start = end;
            }
        }
    }
}
