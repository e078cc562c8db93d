REM Does to spreadsheets what a job file says, a command a line, its words parted by tabs: see libreoffice.py
Option Explicit

Dim document As Object
Dim page As Object

Sub Main(job As String)
  Dim files As Object, reader As Object, writer As Object, said As String
  files = CreateUnoService("com.sun.star.ucb.SimpleFileAccess")
  reader = CreateUnoService("com.sun.star.io.TextInputStream")
  reader.setInputStream(files.openFileRead(ConvertToURL(job)))
  reader.setEncoding("UTF-8")
  On Error GoTo Failed
  Do While Not reader.isEOF()
    said = reader.readString(Array(10), True)
    If said <> "" Then Obey(Split(said, Chr(9)))
  Loop
  said = "done"
Failed:
  If Err <> 0 Then said = "line " & Erl & ": " & Error$ & ": " & said
  writer = CreateUnoService("com.sun.star.io.TextOutputStream")
  writer.setOutputStream(files.openFileWrite(ConvertToURL(job & ".said")))
  writer.writeString(said)
  writer.closeOutput()
  StarDesktop.terminate()
End Sub

Sub Obey(words)
  Select Case words(0)
    Case "open": OpenBook(words(1), words(2))
    Case "type": Enter(CellOf(words(1), words(2)), words(3))
    Case "empty": CellOf(words(1), words(2)).clearContents(31)
    Case "format": FormatColumn(words(1), words(2))
    Case "rename": page.getCellByPosition(ColumnOf(words(1)), 0).setString(words(2))
    Case "delete-row": page.Rows.removeByIndex(RowOf(words(1)), 1)
    Case "delete-column": page.Columns.removeByIndex(ColumnOf(words(1)), 1)
    Case "move-first": MoveFirst(words(1))
    Case "insert-column": InsertColumn(words(1), words(2))
    Case "insert-title": InsertTitle(words(1))
    Case "sort": SortBy(words(1))
    Case "move-sheet-last": document.Sheets.moveByName(words(1), document.Sheets.Count)
    Case "locale": SetLocale(words(1), words(2))
    Case "save": SaveBook(words(1), words(2), words(3))
  End Select
End Sub

Sub OpenBook(path As String, options As String)
  document = StarDesktop.loadComponentFromURL(ConvertToURL(path), "_blank", 0, _
    Array(Value("Hidden", True), Value("FilterOptions", options)))
  page = document.Sheets.getByIndex(0)
  document.CurrentController.setActiveSheet(page)
End Sub

Sub SaveBook(path As String, filter As String, options As String)
  document.storeToURL(ConvertToURL(path), Array(Value("FilterName", filter), Value("FilterOptions", options)))
  document.close(True)
End Sub

Function Value(name As String, content) As Object
  Dim property As New com.sun.star.beans.PropertyValue
  property.Name = name
  property.Value = content
  Value = property
End Function

Function Used() As Object
  Dim cursor As Object
  cursor = page.createCursor()
  cursor.gotoEndOfUsedArea(False)
  Used = cursor.RangeAddress
End Function

Function ColumnOf(name As String) As Long
  Dim place As Long
  For place = 0 To Used().EndColumn
    If page.getCellByPosition(place, 0).String = name Then
      ColumnOf = place
      Exit Function
    End If
  Next
  Error 5
End Function

Function RowOf(number As String) As Long
  Dim place As Long, column As Long
  column = ColumnOf("row")
  For place = 1 To Used().EndRow
    If page.getCellByPosition(column, place).String = number Then
      RowOf = place
      Exit Function
    End If
  Next
  Error 5
End Function

Function CellOf(number As String, name As String) As Object
  CellOf = page.getCellByPosition(ColumnOf(name), RowOf(number))
End Function

Sub Enter(cell As Object, text As String)
  Dim dispatcher As Object
  dispatcher = CreateUnoService("com.sun.star.frame.DispatchHelper")
  document.CurrentController.select(cell)
  dispatcher.executeDispatch(document.CurrentController.Frame, ".uno:EnterString", "", 0, Array(Value("StringName", text)))
End Sub

Sub FormatColumn(name As String, code As String)
  Dim locale As New com.sun.star.lang.Locale, key As Long
  key = document.NumberFormats.queryKey(code, locale, False)
  If key < 0 Then key = document.NumberFormats.addNew(code, locale)
  page.Columns.getByIndex(ColumnOf(name)).NumberFormat = key
End Sub

Sub MoveFirst(name As String)
  Dim place As Long, target As New com.sun.star.table.CellAddress
  page.Columns.insertByIndex(0, 1)
  place = ColumnOf(name)
  target.Sheet = 0
  target.Column = 0
  target.Row = 0
  page.moveRange(target, page.getCellRangeByPosition(place, 0, place, Used().EndRow).RangeAddress)
  page.Columns.removeByIndex(place, 1)
End Sub

Sub InsertColumn(before As String, name As String)
  Dim place As Long
  place = ColumnOf(before)
  page.Columns.insertByIndex(place, 1)
  page.getCellByPosition(place, 0).setString(name)
  page.getCellByPosition(place, 1).setString("a note of somebody")
End Sub

Sub InsertTitle(title As String)
  page.Rows.insertByIndex(0, 1)
  page.getCellByPosition(0, 0).setString(title)
End Sub

Sub SetLocale(language As String, country As String)
  Dim locale As New com.sun.star.lang.Locale
  locale.Language = language
  locale.Country = country
  document.StyleFamilies.getByName("CellStyles").getByName("Default").CharLocale = locale
End Sub

Sub SortBy(name As String)
  Dim fields(0) As New com.sun.star.table.TableSortField, area As Object
  area = Used()
  fields(0).Field = ColumnOf(name)
  fields(0).IsAscending = False
  page.getCellRangeByPosition(0, 0, area.EndColumn, area.EndRow).sort( _
    Array(Value("SortFields", fields()), Value("ContainsHeader", True)))
End Sub
