/******************************************************************/
/* Title:       ELIXHAUSER COMORBIDITY SOFTWARE REFINED for       */
/*              ICD-10-CM FORMAT PROGRAM                          */
/*                                                                */
/* Program:     CMR_Format_Program_v2022-1.SAS: a sample          */
/*                                                                */
/* Diagnoses:   v2022-1 is compatible with ICD-10-CM diagnosis    */
/*              codes from October 2015 through September 2022.   */
/******************************************************************/
LIBNAME LIBRARY 'C:\COMORB\FMTLIB\';            * Location of format library.;

Proc format lib=library;
   Value $COMFMT
      "I6300",
      "I639" = "CBVD_POA"

      "I69320" = "CBVD_SQLA"

      "I69351" = "CBVD_SQLAPARALYSIS"

      "F320",
      "F32A" = "DEPRESS"

      "E1121",
      "E1122" = "DIAB_CX"

      "E118",
      "E119" = "DIAB_UNCX"

      "I5022" = "HF"

      "I110" = "HFHTN_CX"

      "I119" = "HTN_CX"

      "I10" = "HTN_UNCX"

      "G8190" = "PARALYSIS"

      other = " "
      ;

   Value $POAXMPT_V38FMT
      "I69320",
      "W2189XA",
      "Z0000" = "1"

      other = " "
      ;

   Value $POAXMPT_V39FMT
      "I69320",
      "I69351",
      "W2189XA",
      "Z0000" = "1"

      other = " "
      ;

run;
